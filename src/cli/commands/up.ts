// `swarmgate up`: a portal and a node of this machine in one process, joined to each other, with embedded defaults.

import type { Command } from "commander";
import type { Failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type RunningNode, startNode } from "../../node/start.ts";
import { portalLogger } from "../../portal/logger.ts";
import { type RunningPortal, startPortal } from "../../portal/start.ts";
import { dataFolder } from "../data-folder.ts";
import { type Demo, startDemo } from "../demo/demo.ts";
import {
  addNodeFlags,
  type NodeFlags,
  nodeOptions,
  nodeWorld,
  parseNodeFlags,
  type TypedNodeFlags,
} from "../node/adapters.ts";
import { type OutputOptions, printFailure, printNote, printResult } from "../output.ts";
import { PAGES_DIR, PORTAL_ADAPTERS } from "../portal/adapters.ts";
import { administratorLink } from "../portal/first-link.ts";
import { readSettings, type SettingsOptions } from "../portal/settings-file.ts";
import { stopSignal } from "../stop-signal.ts";

type Options = OutputOptions & SettingsOptions & TypedNodeFlags & { readonly demo?: boolean };

export function command(command: Command): void {
  command
    .description("Run a portal and a node of this machine. Data and settings survive stopping and starting.")
    .option("--data <dir>", "folder for everything")
    .option("--config <file>", "the portal's settings as JSON")
    .option("--host <address>", "address for the portal; default 127.0.0.1")
    .option("--port <number>", "port for the portal; default 7700, 0 takes a free one")
    .option("--demo", "add two example people and a second node with something to fetch");
  addNodeFlags(command).action(async (options: Options) => {
    process.exitCode = await run(options);
  });
}

async function run(options: Options): Promise<number> {
  const started = await start(options);
  if (!started.ok) return printFailure(started.error, options);
  const { portal, demo, link, close } = started.value;
  const people = demo?.people ?? [];
  const text = [
    `Swarmgate is running at ${portal.url}`,
    `Sign in once as ${portal.administrator.name}: ${link}`,
    ...people.map((person) => `Sign in once as ${person.name}, ${person.role}: ${person.signInLink}`),
    ...(demo === undefined ? [] : [`Torrents to try: ${demo.torrents.join(", ")}`]),
  ].join("\n");
  const event = { event: "running", url: portal.url, signInLink: link, people, torrents: demo?.torrents ?? [] };
  // Whoever reads the line below may stop this at once.
  const stopped = stopSignal();
  printResult(event, text, options);
  printNote("Stop it with Ctrl C; nothing is lost.", options);
  await stopped;
  await close();
  return 0;
}

type Running = {
  readonly portal: RunningPortal;
  readonly demo: Demo | undefined;
  readonly link: string;
  close(): Promise<void>;
};

async function start(options: Options): Promise<Result<Running, Failure>> {
  const settings = readSettings(options);
  if (!settings.ok) return settings;
  const flags = parseNodeFlags(options);
  if (!flags.ok) return flags;
  const dataDir = dataFolder(options.data);
  const portal = await startPortal(
    { dataDir, settings: settings.value, pagesDir: PAGES_DIR, logger: portalLogger("warn", process.stderr) },
    PORTAL_ADAPTERS,
  );
  if (!portal.ok) return portal;
  const closers: (() => Promise<void>)[] = [() => portal.value.close()];
  const close = async (): Promise<void> => {
    for (const one of closers.toReversed()) await one();
  };
  const link = await administratorLink(portal.value);
  const demo = options.demo === true && link.ok ? await startDemo(portal.value, dataDir) : ok(undefined);
  if (demo.ok && demo.value) closers.push(demo.value.close);
  const owner = demo.ok && demo.value ? demo.value.ownerId : portal.value.administrator.id;
  const node =
    link.ok && demo.ok ? await joinedNode(portal.value, flags.value, owner, options.demo === true) : undefined;
  if (node?.ok) closers.push(() => node.value.close());
  if (link.ok && demo.ok && node?.ok) return ok({ portal: portal.value, demo: demo.value, link: link.value, close });
  await close();
  if (!link.ok) return link;
  if (!demo.ok) return demo;
  return node?.ok === false ? node : err({ code: "cli.internal_error", data: { detail: "the node did not start" } });
}

/** This machine's node, joined to its own portal on the first start and following its address afterwards. */
async function joinedNode(
  portal: RunningPortal,
  flags: NodeFlags,
  ownerId: string,
  demo: boolean,
): Promise<Result<RunningNode, Failure>> {
  // The demo's swarm lives on loopback, where no torrent from outside could ever send this node.
  const listen = flags.listen ?? (demo ? [{ host: "127.0.0.1", port: 0 }] : undefined);
  const world = nodeWorld(demo ? "any" : flags.reach);
  const node = await startNode(nodeOptions({ ...flags, listen }), world);
  if (!node.ok) return node;
  const joined = await joinTo(portal, node.value, ownerId);
  if (joined.ok) return node;
  await node.value.close();
  return joined;
}

async function joinTo(portal: RunningPortal, node: RunningNode, ownerId: string): Promise<Result<undefined, Failure>> {
  const enrolment = node.enrolment();
  if (enrolment) return enrolment.portalUrl === portal.url ? ok() : node.movePortal(portal.url);
  const token = await portal.joinToken(ownerId);
  if (!token.ok) return token;
  const joined = await node.join({ url: portal.url, token: token.value.token });
  return joined.ok ? ok() : joined;
}
