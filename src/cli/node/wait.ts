// `get --wait`: follows a request to its end, showing the path, and says how it ended.

import { setTimeout as pause } from "node:timers/promises";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { pathGlyphs } from "../../domain/path.ts";
import { LOCAL_ROUTES } from "../../wire/local/routes.ts";
import type { Asked, LocalTransfer } from "../../wire/local/transfer.ts";
import { inert } from "../inert-text.ts";
import type { OutputOptions } from "../output.ts";
import { bar } from "../view/bar.ts";
import { clip } from "../view/text-width.ts";
import type { NodeClient } from "./client.ts";
import { sayProgress } from "./transfer-line.ts";

const LOOK_EVERY_MS = 250;
const BAR_CELLS = 20;

/** The released transfer. Failure codes: node.request_denied, node.grant_ended, node.content_infected, node.content_held, node.transfer_failed. */
export async function waitFor(
  node: NodeClient,
  asked: Asked,
  options: OutputOptions,
): Promise<Result<LocalTransfer, Failure>> {
  const screen = new PathLine(options);
  try {
    for (let now = asked; ; ) {
      screen.show(now);
      const outcome = outcomeOf(now);
      if (outcome) return outcome;
      await pause(LOOK_EVERY_MS);
      const next = await node.call(LOCAL_ROUTES.asked, { id: asked.requestId });
      if (next.ok) now = next.value;
      // The portal may be away for a while; the node itself must be there.
      else if (next.error.code === "node.not_running") return next;
    }
  } finally {
    screen.end();
  }
}

/** Undefined while it goes on by itself. */
export function outcomeOf(asked: Asked): Result<LocalTransfer, Failure> | undefined {
  const { requestId, requestState, transfer, why } = asked;
  if (transfer) return transferOutcome(transfer);
  if (requestState === "pending" || requestState === "approved") return undefined;
  return err(
    failure("node.request_denied", { request: requestId, state: requestState, why: clause(why) || "no reason given" }),
  );
}

function transferOutcome(transfer: LocalTransfer): Result<LocalTransfer, Failure> | undefined {
  const { state, why, requestId, files } = transfer;
  switch (state) {
    case "released":
      return ok(transfer);
    case "infected": {
      const file = files.find((one) => one.state === "infected");
      return err(
        failure("node.content_infected", { file: file?.path ?? transfer.name, why: clause(file?.why ?? why) }),
      );
    }
    case "held": {
      const file = files.find((one) => one.state === "suspicious" || one.state === "unscanned");
      const data = { file: file?.path ?? transfer.name, why: clause(file?.why ?? why), request: requestId };
      return err(failure("node.content_held", data));
    }
    case "stopped":
      return err(failure("node.grant_ended", { why: clause(why) }));
    case "failed":
      return err(failure("node.transfer_failed", { why: clause(why) }));
    case "waiting":
    case "fetching":
    case "paused":
    case "scanning":
      return undefined;
  }
}

// The table's sentences end by themselves.
function clause(sentence: string): string {
  return sentence.trim().replace(/\.$/u, "");
}

/** On a terminal one line that changes; elsewhere a line for each change of state. */
class PathLine {
  readonly #options: OutputOptions;
  #shown = "";

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  show(asked: Asked): void {
    if (this.#options.quiet) return;
    const { transfer } = asked;
    const glyphs = pathGlyphs(asked.path);
    const why = transfer ? inert(transfer.why) : `${asked.requestId} waits for a decision: ${asked.url}`;
    const progress =
      transfer?.state === "fetching"
        ? `${bar(transfer.bytesDone, transfer.bytesTotal ?? 0, BAR_CELLS)} ${sayProgress(transfer)}  `
        : "";
    if (process.stderr.isTTY) {
      const line = clip(`${glyphs}  ${progress}${why}`, (process.stderr.columns || 80) - 1);
      if (line !== this.#shown) process.stderr.write(`\r\u001b[2K${line}`);
      this.#shown = line;
      return;
    }
    const line = `${glyphs}  ${transfer?.state ?? asked.requestState}`;
    if (line !== this.#shown) process.stderr.write(`${line}  ${why}\n`);
    this.#shown = line;
  }

  end(): void {
    if (!this.#options.quiet && process.stderr.isTTY) process.stderr.write("\r\u001b[2K");
  }
}
