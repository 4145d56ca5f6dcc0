// `swarmgate get`: asks for content, and with --wait stays until it is in the library or will not come.

import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { TORRENT_BYTES_MAX } from "../../wire/api/v1/torrent.ts";
import { LOCAL_ROUTES } from "../../wire/local/routes.ts";
import type { Asked, GetCall } from "../../wire/local/transfer.ts";
import { isMagnet } from "../../wire/metainfo/magnet.ts";
import { durationSeconds } from "../duration.ts";
import { inert } from "../inert-text.ts";
import { NodeClient } from "../node/client.ts";
import { outcomeOf, waitFor } from "../node/wait.ts";
import { type OutputOptions, printFailure, printNote, printResult } from "../output.ts";

type Options = OutputOptions & {
  readonly data?: string;
  readonly out?: string;
  readonly reason?: string;
  readonly for: string;
  readonly wait?: boolean;
};

export function command(command: Command): void {
  command
    .description("Ask for content. It is fetched, scanned and put into your library once somebody has approved it.")
    .argument("<what>", "a .torrent file or a magnet link")
    .option("--data <dir>", "folder of the node's data")
    .option("--out <dir>", "folder for the released files; default the library")
    .option("--reason <text>", "why you need it; the reviewer reads this")
    .option("--for <duration>", "how long the grant should last: 12h, 7d", "7d")
    .option("--wait", "stay until it is released or refused")
    .action(async (what: string, options: Options) => {
      process.exitCode = await get(what, options);
    });
}

async function get(what: string, options: Options): Promise<number> {
  const call = callOf(what, options);
  if (!call.ok) return printFailure(call.error, options);
  const node = new NodeClient(options.data);
  const asked = await node.call(LOCAL_ROUTES.get, { body: call.value });
  if (!asked.ok) return printFailure(asked.error, options);
  if (options.wait !== true) return report(asked.value, options);
  process.once("SIGINT", () => {
    printNote(`\nYour request ${asked.value.requestId} goes on without this window: ${asked.value.url}`, options);
    process.exit(130);
  });
  if (asked.value.outcome !== "granted") printNote(sayAsked(asked.value), options);
  const ended = await waitFor(node, asked.value, options);
  if (!ended.ok) return printFailure(ended.error, options);
  const { libraryPath } = ended.value;
  printResult(
    { outcome: "released", requestId: ended.value.requestId, libraryPath, transfer: ended.value },
    inert(libraryPath ?? ""),
    options,
  );
  return 0;
}

// Without --wait the answer is where it stands: not there yet means exit 3, because nothing was allowed so far.
function report(asked: Asked, options: Options): number {
  const outcome = outcomeOf(asked);
  if (outcome?.ok) {
    printResult(
      { ...asked, outcome: "released", libraryPath: outcome.value.libraryPath },
      inert(outcome.value.libraryPath ?? ""),
      options,
    );
    return 0;
  }
  if (outcome) return printFailure(outcome.error, options);
  if (asked.outcome === "granted") {
    printResult(asked, `${inert(asked.name)} is granted and under way (${asked.requestId}): ${asked.url}`, options);
    return 0;
  }
  if (options.json) {
    const code = "node.grant_missing";
    printResult({ ...asked, code, exit: 3 }, "", options);
    return 3;
  }
  printResult(asked, sayAsked(asked), options);
  return printFailure(failure("node.grant_missing", { request: asked.requestId, url: asked.url }), options);
}

function sayAsked(asked: Asked): string {
  const verb = asked.outcome === "asked" ? "You asked" : "You have asked before";
  return `${verb} for ${inert(asked.name)}: ${asked.requestId}, ${asked.url}`;
}

function callOf(what: string, options: Options): Result<GetCall, Failure> {
  const seconds = durationSeconds(options.for);
  if (seconds === undefined)
    return err(failure("cli.usage_wrong", { detail: "--for takes a duration such as 12h or 7d" }));
  const common = {
    durationSeconds: seconds,
    ...(options.out === undefined ? {} : { outDir: resolve(options.out) }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  if (isMagnet(what)) return ok({ ...common, magnet: what });
  if (!existsSync(what) || !statSync(what).isFile()) return err(failure("cli.file_missing", { path: what }));
  const bytes = statSync(what).size;
  if (bytes > TORRENT_BYTES_MAX) {
    return err(failure("metainfo.bencode_size_exceeded", { bytes, bytesMax: TORRENT_BYTES_MAX }));
  }
  return ok({ ...common, torrent: readFileSync(what).toString("base64") });
}
