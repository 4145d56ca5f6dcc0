// What a transfer says where no terminal redraws lines, such as the log of a job: a line when its state or the reason for
// its slowness changes, and how far it is every ten seconds.

import type { Torrent } from "../../engine/contract.ts";
import { inert } from "../inert-text.ts";
import { summaryOf } from "./live-view.ts";
import { whyOf } from "./why-line.ts";

/** Looks are made twice a second. */
const LOOKS_PER_LINE = 20;

export class PlainLog {
  readonly #torrent: Torrent;
  #said = "";
  #looks = 0;

  constructor(torrent: Torrent) {
    this.#torrent = torrent;
  }

  look(): void {
    const status = this.#torrent.status();
    const why = whyOf(status);
    const state = `${status.state.at} ${why?.code ?? ""}`;
    this.#looks += 1;
    if (state === this.#said && this.#looks % LOOKS_PER_LINE !== 0) return;
    this.#said = state;
    const reason = why === undefined ? "" : `: ${inert(why.message)}`;
    process.stderr.write(`${summaryOf(status).join("  ")}${reason}\n`);
  }

  end(): void {
    this.#said = "";
  }
}
