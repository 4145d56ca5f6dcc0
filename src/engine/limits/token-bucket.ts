// Holds a flow of bytes to a rate: tokens trickle in, whoever wants to move bytes takes them first.

import type { MonotonicMs } from "../../world/clock.ts";

const BURST_MS = 250;
/** A burst must let at least one batch of blocks through, or a low limit would never move. */
const BURST_BYTES_MIN = 64 * 1024;

export class TokenBucket {
  #bytesPerSecond: number | undefined;
  #tokens = 0;
  #filledAtMs: MonotonicMs;

  constructor(bytesPerSecond: number | undefined, nowMs: MonotonicMs) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#filledAtMs = nowMs;
  }

  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond;
  }

  setRate(bytesPerSecond: number | undefined): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#tokens = 0;
  }

  /** Bytes that may move now; infinite without a limit. May be negative after a block larger than the rest. */
  available(nowMs: MonotonicMs): number {
    if (this.#bytesPerSecond === undefined) return Number.POSITIVE_INFINITY;
    const burst = Math.max(BURST_BYTES_MIN, (this.#bytesPerSecond * BURST_MS) / 1000);
    this.#tokens = Math.min(burst, this.#tokens + (this.#bytesPerSecond * (nowMs - this.#filledAtMs)) / 1000);
    this.#filledAtMs = nowMs;
    return this.#tokens;
  }

  /** The last block may go over what was available: the debt is paid before the next one. */
  spend(bytes: number): void {
    if (this.#bytesPerSecond !== undefined) this.#tokens -= bytes;
  }
}

/** Several limits at once: the tightest decides. */
export class TokenBuckets {
  readonly #buckets: readonly TokenBucket[];

  constructor(buckets: readonly TokenBucket[]) {
    this.#buckets = buckets;
  }

  available(nowMs: MonotonicMs): number {
    return Math.min(...this.#buckets.map((bucket) => bucket.available(nowMs)));
  }

  spend(bytes: number): void {
    for (const bucket of this.#buckets) bucket.spend(bytes);
  }

  get isLimited(): boolean {
    return this.#buckets.some((bucket) => bucket.bytesPerSecond !== undefined);
  }

  /** The tightest limit; undefined when nothing is limited. */
  get bytesPerSecond(): number | undefined {
    const limits = this.#buckets.flatMap((bucket) => bucket.bytesPerSecond ?? []);
    return limits.length === 0 ? undefined : Math.min(...limits);
  }
}
