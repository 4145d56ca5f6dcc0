// A token bucket for each key: bursts are fine, floods are told how long to wait. Bounded in memory.

export type ThrottleRate = {
  /** How many at once. */
  readonly burst: number;
  /** How many come back each second. */
  readonly perSecond: number;
};

type Bucket = { tokens: number; atMs: number };

const KEYS_MAX = 100_000;

export class Throttle {
  readonly #rate: ThrottleRate;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: ThrottleRate) {
    this.#rate = rate;
  }

  /** Takes one; 0, or the milliseconds until there is one again. `nowMs` is monotonic. */
  take(key: string, nowMs: number): number {
    const { burst, perSecond } = this.#rate;
    const before = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, before.tokens + ((nowMs - before.atMs) / 1000) * perSecond);
    this.#buckets.delete(key);
    this.#makeRoom(nowMs);
    const taken = tokens >= 1;
    this.#buckets.set(key, { tokens: taken ? tokens - 1 : tokens, atMs: nowMs });
    return taken ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
  }

  /** Whether there is one, without taking it: milliseconds as in `take`. */
  waitMs(key: string, nowMs: number): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return 0;
    const tokens = bucket.tokens + ((nowMs - bucket.atMs) / 1000) * this.#rate.perSecond;
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / this.#rate.perSecond) * 1000);
  }

  forgive(key: string): void {
    this.#buckets.delete(key);
  }

  // A full bucket is the same as none; the map is in the order of last use.
  #makeRoom(nowMs: number): void {
    const { burst, perSecond } = this.#rate;
    for (const [key, bucket] of this.#buckets) {
      const full = bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond >= burst;
      if (!full && this.#buckets.size < KEYS_MAX) return;
      this.#buckets.delete(key);
    }
  }
}
