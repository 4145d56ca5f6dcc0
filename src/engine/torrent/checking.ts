// Reads what lies on disk and finds out which pieces of it are right: at a start without a record, after a crash, on
// request.

import type { Failure } from "../../base/failure.ts";
import type { Bitfield } from "../picker/bitfield.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import type { Content } from "./content.ts";

const JOB_BYTES = 16 * 1024 * 1024;
const JOB_PIECES_MAX = 256;

export type CheckingEvents = {
  right(piece: number): void;
  progress(piecesChecked: number): void;
  done(failure: Failure | undefined): void;
};

/** Checks the pieces of `which`, or all; one job at a time, so that other work of the thread is not held up. */
export class Checking {
  readonly #content: Content;
  readonly #store: StoreHandle;
  readonly #which: Bitfield | undefined;
  readonly #events: CheckingEvents;
  #stopped = false;

  constructor(content: Content, store: StoreHandle, which: Bitfield | undefined, events: CheckingEvents) {
    this.#content = content;
    this.#store = store;
    this.#which = which;
    this.#events = events;
  }

  start(): void {
    this.#next(0);
  }

  stop(): void {
    this.#stopped = true;
  }

  #next(first: number): void {
    const { layout } = this.#content;
    if (this.#stopped) return;
    if (first >= layout.pieceCount) return this.#events.done(undefined);
    const count = Math.max(1, Math.min(JOB_PIECES_MAX, Math.floor(JOB_BYTES / layout.pieceLengthBytes)));
    const end = Math.min(layout.pieceCount, first + count);
    const expected = Array.from({ length: end - first }, (_, n) =>
      this.#which === undefined || this.#which.has(first + n) ? this.#content.expectation(first + n) : undefined,
    );
    if (expected.every((one) => one === undefined)) return this.#skip(end);
    this.#store.ask({ kind: "check", first, expected }, (answer) => {
      if (this.#stopped) return;
      if (answer.kind === "failed") return this.#events.done(answer.failure);
      if (answer.kind === "checked") {
        for (const [n, good] of answer.good.entries()) if (good === 1) this.#events.right(first + n);
      }
      this.#events.progress(end);
      this.#next(end);
    });
  }

  #skip(end: number): void {
    this.#events.progress(end);
    queueMicrotask(() => this.#next(end));
  }
}
