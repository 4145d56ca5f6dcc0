// One direction of a bad road for datagrams: a rate, a queue that overflows, loss, repetition, jitter that reorders,
// and a largest size. For protocols that must survive all of it.

import type { SimClock } from "./clock.ts";
import type { SeededRandom } from "./random.ts";

export type RoughLinkOptions = {
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
  /** What waits at most for its turn; more is dropped. */
  readonly queueBytesMax: number;
  readonly lossRate: number;
  readonly duplicateRate: number;
  /** Each datagram is late by up to this much more. */
  readonly jitterMs: number;
  readonly datagramBytesMax: number;
};

export const SMOOTH_ROAD: RoughLinkOptions = {
  latencyMs: 20,
  bytesPerSecond: 1_000_000,
  queueBytesMax: 1_000_000,
  lossRate: 0,
  duplicateRate: 0,
  jitterMs: 0,
  datagramBytesMax: 1500,
};

export class RoughLink {
  readonly #clock: SimClock;
  readonly #random: SeededRandom;
  readonly #options: RoughLinkOptions;
  #freeAtMs = 0;
  bytesSent = 0;
  dropped = 0;
  /** The longest that a datagram waited in the queue. */
  queueMsMax = 0;

  constructor(clock: SimClock, random: SeededRandom, options: RoughLinkOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#options = options;
  }

  /** How long what is sent now waits for its turn. */
  get queuedMs(): number {
    return Math.max(0, this.#freeAtMs - this.#clock.monotonicMs());
  }

  /** Somebody else's traffic takes its place in the queue. */
  occupy(bytes: number): boolean {
    const { queuedMs } = this;
    if ((queuedMs / 1000) * this.#options.bytesPerSecond + bytes > this.#options.queueBytesMax) return false;
    this.#freeAtMs = this.#clock.monotonicMs() + queuedMs + (bytes * 1000) / this.#options.bytesPerSecond;
    return true;
  }

  send(datagram: Uint8Array, deliver: (datagram: Uint8Array) => void): void {
    const nowMs = this.#clock.monotonicMs();
    const { queuedMs } = this;
    this.bytesSent += datagram.length;
    if (datagram.length > this.#options.datagramBytesMax || !this.occupy(datagram.length)) {
      this.dropped += 1;
      return;
    }
    this.queueMsMax = Math.max(this.queueMsMax, queuedMs);
    const copy = Uint8Array.from(datagram);
    const copies = this.#random.fraction() < this.#options.duplicateRate ? 2 : 1;
    for (let n = 0; n < copies; n++) {
      if (this.#random.fraction() < this.#options.lossRate) continue;
      const lateMs = this.#random.fraction() * this.#options.jitterMs;
      this.#clock.after(this.#freeAtMs - nowMs + this.#options.latencyMs + lateMs, () => deliver(copy));
    }
  }
}
