// `swarmgate gate run`: the gate at work, one JSON event a line; and `gate confirm`, which makes enforcement stay.

import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Command } from "commander";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type DaemonOptions, GateDaemon, type GateEvent } from "../../gate/enforce/daemon.ts";
import { readRootKey } from "../../gate/enforce/grant-book.ts";
import { FileGrants } from "../../gate/enforce/grant-file.ts";
import { enforcingBatch, MODES, type Mode } from "../../gate/enforce/mode.ts";
import { applyRules } from "../../gate/enforce/nft.ts";
import { DEFAULT_POLICY, type GatePolicy, parsePolicy } from "../../gate/enforce/policy.ts";
import { StateFolder } from "../../gate/enforce/state-folder.ts";
import { realClock } from "../../world/real/clock.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";
import { openPortalGrants } from "./portal-grants.ts";

type RunOptions = OutputOptions & {
  readonly interface: string;
  readonly mode: string;
  readonly config?: string;
  readonly grants?: string;
  readonly portal?: string;
  readonly data?: string;
  readonly rootKey?: string;
  readonly confirmWithin: string;
  readonly captureUser: string;
  readonly name?: string;
  readonly state: string;
};

/** Where the gate keeps the day's use and whom it blocks. */
export const STATE_FOLDER = "/var/lib/swarmgate/gate";

export function runCommand(command: Command): void {
  command
    .description("watch an interface, and refuse what no grant covers")
    .requiredOption("--interface <name>", "the interface towards the clients")
    .option("--mode <mode>", "observe: say what would be refused; enforce: refuse it", "observe")
    .option("--config <file>", "zones, management networks and devices, as JSON")
    .option("--grants <file>", "signed grants and revocations, as JSON; read again whenever it changes")
    .option("--portal <url>", "take grants from this portal by push, as the network officer who signed in here")
    .option("--data <folder>", "where sign-in keeps its session, when not in its usual place")
    .option("--root-key <file>", "the institution's public root key, as JWK")
    .option("--confirm-within <seconds>", "go back to observing unless confirmed; 0 enforces at once for good", "60")
    .option("--state <folder>", "where the day's quotas and the list of blocked addresses are kept", STATE_FOLDER)
    .option("--name <name>", "what the portal calls this gate; its host name unless given")
    .option("--capture-user <name>", "whom the capturing process becomes", "tcpdump")
    .action(async (options: RunOptions) => {
      const started = await start(options);
      if (!started.ok) process.exitCode = printFailure(started.error, options);
    });
}

async function start(options: RunOptions): Promise<Result<undefined, Failure>> {
  const mode = MODES.find((one) => one === options.mode);
  if (mode === undefined) return err(failure("cli.usage_wrong", { detail: `--mode is one of ${MODES.join(", ")}` }));
  const seconds = Number(options.confirmWithin);
  if (!Number.isInteger(seconds) || seconds < 0) {
    return err(failure("cli.usage_wrong", { detail: "--confirm-within takes whole seconds" }));
  }
  const policy = readPolicy(options.config);
  if (!policy.ok) return policy;
  const feed = await grantFeed(options);
  if (!feed.ok) return feed;
  const daemon = new GateDaemon(
    {
      interfaceName: options.interface,
      captureUser: options.captureUser,
      mode,
      confirmWithinSeconds: seconds === 0 ? undefined : seconds,
      policy: policy.value,
      ...feed.value,
      folder: new StateFolder(options.state),
      onEvent: (event) => print(event, options),
    },
    realClock,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => daemon.stop());
  const started = await daemon.start();
  if (!started.ok) daemon.stop();
  return started;
}

function readPolicy(path: string | undefined): Result<GatePolicy, Failure> {
  if (path === undefined) return ok(DEFAULT_POLICY);
  try {
    return parsePolicy(readFileSync(path, "utf8"));
  } catch (cause) {
    return err(failure("cli.file_missing", { path }, cause));
  }
}

type Feed = Pick<DaemonOptions, "grants" | "tellBlocks">;

async function grantFeed(options: RunOptions): Promise<Result<Feed, Failure>> {
  if (options.grants === undefined && options.portal === undefined) {
    return ok({ grants: undefined, tellBlocks: undefined });
  }
  if (options.rootKey === undefined) {
    return err(failure("cli.usage_wrong", { detail: "grants need --root-key: they are believed by signature only" }));
  }
  const root = await readRootKey(options.rootKey);
  if (!root.ok) return root;
  if (options.grants !== undefined) {
    return ok({ grants: new FileGrants(options.grants, root.value), tellBlocks: undefined });
  }
  const portal = openPortalGrants(options, root.value, realClock);
  if (!portal.ok) return portal;
  const { value } = portal;
  return ok({ grants: value, tellBlocks: (blocks) => value.tellBlocks(gateName(options.name ?? hostname()), blocks) });
}

// Host names hold nothing else; whatever does is left out.
function gateName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]/g, "").slice(0, 64) || "gate";
}

function print(event: GateEvent, options: OutputOptions): void {
  process.stdout.write(options.json ? `${JSON.stringify(event)}\n` : `${eventText(event)}\n`);
}

function eventText(event: GateEvent): string {
  switch (event.event) {
    case "running":
      return `watching ${event.interface}, mode ${event.mode}`;
    case "verdict":
      return `${event.action}: ${event.proto} ${event.src} ${event.srcPort} > ${event.dst} ${event.dstPort}: ${event.why.sentence}`;
    case "tunnel":
      return `${event.action}: tunnel ${event.outer.src} > ${event.outer.dst}, for what is in it: ${event.inner.why.sentence}`;
    case "quotas":
      return event.usedUp.map((one) => `${one.key}: ${one.sentence}`).join("\n") || "no quota is used up";
    case "grants":
      return `${event.open.length} addresses are open by grants`;
    case "trouble":
      return `${event.code}: ${event.detail}`;
  }
}

export function confirmCommand(command: Command): void {
  command
    .description("make the enforcement that is running stay")
    .option("--mode <mode>", "switch to this mode for good", "enforce")
    .action(async (options: OutputOptions & { readonly mode: string }) => {
      const mode: Mode | undefined = MODES.find((one) => one === options.mode);
      const wrong = failure("cli.usage_wrong", { detail: `--mode is one of ${MODES.join(", ")}` });
      const result = mode === undefined ? err(wrong) : await applyRules(enforcingBatch(mode, undefined));
      if (result.ok) printResult({ mode }, `The gate is set to ${mode}, for good.`, options);
      else process.exitCode = printFailure(result.error, options);
    });
}
