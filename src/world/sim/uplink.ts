// A host's way out: one rate for all, taken in turns by whoever has something to send, as fair queueing does.

import type { SimClock } from "./clock.ts";

export interface Sender {
  /** The next bytes to leave, this many at most; 0 when there is nothing more. */
  nextBytes(bytesMax: number): number;
  /** They have left. */
  left(bytes: number): void;
}

/** What one sender sends before the next one's turn, unless the network says otherwise. */
const TURN_BYTES = 16 * 1024;

export class Uplink {
  readonly #clock: SimClock;
  readonly #bytesPerSecond: number;
  readonly #turnBytes: number;
  readonly #turns: Sender[] = [];
  #isBusy = false;

  constructor(clock: SimClock, bytesPerSecond: number, turnBytes = TURN_BYTES) {
    this.#clock = clock;
    this.#turnBytes = turnBytes;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** The sender has something to send; it keeps its place if it waits already. */
  join(sender: Sender): void {
    if (!this.#turns.includes(sender)) this.#turns.push(sender);
    if (!this.#isBusy) this.#next();
  }

  #next(): void {
    const sender = this.#turns.shift();
    this.#isBusy = sender !== undefined;
    if (sender === undefined) return;
    const bytes = sender.nextBytes(this.#turnBytes);
    this.#clock.after((bytes * 1000) / this.#bytesPerSecond, () => {
      sender.left(bytes);
      if (sender.nextBytes(this.#turnBytes) > 0 && !this.#turns.includes(sender)) this.#turns.push(sender);
      this.#next();
    });
  }
}
