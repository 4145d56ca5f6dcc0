// What a transfer says where no terminal redraws lines, such as the log of a job: a line when its state changes, soon after
// the reason for its slowness changes, and how far it is every ten seconds.

import type { Torrent } from "../../engine/contract.ts";
import { inert } from "../inert-text.ts";
import { summaryOf } from "./live-view.ts";
import { type Why, whyOf } from "./why-line.ts";

/** In looks, of which there are two a second. A reason that comes and goes would fill the log. */
const LOOKS_PER_LINE = 20;
const LOOKS_PER_REASON = 6;

export class PlainLog {
  readonly #torrent: Torrent;
  #state = "";
  #reason = "";
  #looksSinceLine = LOOKS_PER_REASON;

  constructor(torrent: Torrent) {
    this.#torrent = torrent;
  }

  look(): void {
    const status = this.#torrent.status();
    const why = whyOf(status);
    const reason = why?.code ?? "";
    this.#looksSinceLine += 1;
    const isNews =
      status.state.at !== this.#state || (reason !== this.#reason && this.#looksSinceLine > LOOKS_PER_REASON);
    if (!isNews && this.#looksSinceLine < LOOKS_PER_LINE) return;
    this.#state = status.state.at;
    this.#reason = reason;
    this.#looksSinceLine = 0;
    process.stderr.write(`${summaryOf(status).join("  ")}${why === undefined ? "" : `: ${inert(whole(why))}`}\n`);
  }

  end(): void {
    this.#state = "";
  }
}

function whole({ message, next }: Why): string {
  return next === undefined ? message : `${message.replace(/\.$/, "")}. ${next}`;
}
