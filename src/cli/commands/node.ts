// `swarmgate node`: runs this computer's node until it is told to stop.

import type { Command } from "commander";
import { startNode } from "../../node/start.ts";
import { NODE_WORLD, nodeOptions, parseNodeFlags } from "../node/adapters.ts";
import { type OutputOptions, printFailure, printNote, printResult } from "../output.ts";
import { stopSignal } from "../stop-signal.ts";

type Options = OutputOptions & {
  readonly data?: string;
  readonly library?: string;
  readonly listen?: string;
  readonly clamd?: string;
};

export function command(command: Command): void {
  command
    .description("Run this computer's node. It fetches nothing that was not granted.")
    .option("--data <dir>", "folder of the node's data")
    .option("--library <dir>", "folder for released files; default `library` in the node's folder")
    .option("--listen <address>", "where other members of a swarm reach this computer; port 0 takes a free one")
    .option("--clamd <address>", "antivirus scanner that must agree: a socket's path, or HOST:PORT")
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run(options: Options): Promise<number> {
  const flags = parseNodeFlags(options);
  if (!flags.ok) return printFailure(flags.error, options);
  const started = await startNode(nodeOptions(flags.value), NODE_WORLD);
  if (!started.ok) return printFailure(started.error, options);
  const node = started.value;
  const enrolment = node.enrolment();
  const text = enrolment
    ? `The node of ${enrolment.personName} at ${enrolment.institution} is running.`
    : "The node is running and has not joined yet. Join with `swarmgate join URL --token TOKEN`.";
  const { portalUrl = null, deviceId = null } = enrolment ?? {};
  printResult({ event: "running", socket: node.socketPath, deviceId, portalUrl }, text, options);
  printNote("Stop it with Ctrl C; transfers go on where they were at the next start.", options);
  await stopSignal();
  await node.close();
  return 0;
}
