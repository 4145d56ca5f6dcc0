// The rate limits of one torrent: its own and the engine's, whichever is tighter.

import type { MonotonicMs } from "../../world/clock.ts";
import type { RateLimits } from "../contract.ts";
import { TokenBucket, TokenBuckets } from "./token-bucket.ts";

export class TorrentLimits {
  readonly down: TokenBuckets;
  readonly up: TokenBuckets;
  readonly #ownDown: TokenBucket;
  readonly #ownUp: TokenBucket;

  constructor(
    engine: { readonly down: TokenBucket; readonly up: TokenBucket },
    own: RateLimits | undefined,
    nowMs: MonotonicMs,
  ) {
    this.#ownDown = new TokenBucket(own?.down, nowMs);
    this.#ownUp = new TokenBucket(own?.up, nowMs);
    this.down = new TokenBuckets([engine.down, this.#ownDown]);
    this.up = new TokenBuckets([engine.up, this.#ownUp]);
  }

  get isSet(): boolean {
    return this.down.isLimited || this.up.isLimited;
  }

  set(limits: RateLimits): void {
    this.#ownDown.setRate(limits.down);
    this.#ownUp.setRate(limits.up);
  }
}
