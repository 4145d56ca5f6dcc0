// `swarmgate node`: runs this computer's node until it is told to stop.

import type { Command } from "commander";
import { ok } from "../../base/result.ts";
import { startNode } from "../../node/start.ts";
import { addNodeFlags, nodeOptions, nodeWorld, parseNodeFlags, type TypedNodeFlags } from "../node/adapters.ts";
import { readConfigFile } from "../node/config-file.ts";
import { type OutputOptions, printFailure, printNote, printResult } from "../output.ts";
import { stopSignal } from "../stop-signal.ts";

type Options = OutputOptions & TypedNodeFlags & { readonly config?: string | undefined };

export function command(command: Command): void {
  command
    .description("Run this computer's node. It fetches nothing that was not granted.")
    .option("--data <dir>", "folder of the node's data")
    .option("--config <file>", "the options below as JSON; what stands on the command line wins");
  addNodeFlags(command).action(async (options: Options) => {
    process.exitCode = await run(options);
  });
}

async function run(options: Options): Promise<number> {
  const file = options.config === undefined ? ok({}) : readConfigFile(options.config);
  if (!file.ok) return printFailure(file.error, options);
  const flags = parseNodeFlags({ ...file.value, ...options });
  if (!flags.ok) return printFailure(flags.error, options);
  const started = await startNode(nodeOptions(flags.value), nodeWorld(flags.value.reach));
  if (!started.ok) return printFailure(started.error, options);
  const node = started.value;
  const enrolment = node.enrolment();
  const text = enrolment
    ? `The node of ${enrolment.personName} at ${enrolment.institution} is running.`
    : "The node is running and has not joined yet. Join with `swarmgate join URL --token TOKEN`.";
  const { portalUrl = null, deviceId = null } = enrolment ?? {};
  // Whoever reads the line below may stop this at once.
  const stopped = stopSignal();
  printResult({ event: "running", socket: node.socketPath, deviceId, portalUrl }, text, options);
  printNote("Stop it with Ctrl C; transfers go on where they were at the next start.", options);
  await stopped;
  await node.close();
  return 0;
}
