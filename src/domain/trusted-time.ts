// Time that a clock set back cannot stretch: the highest time ever seen, moved on by the monotonic clock.

export type TrustedTime = {
  /** Milliseconds since the epoch: the latest time that is known to have been reached. */
  readonly reachedMs: number;
  /** The monotonic clock at that moment. */
  readonly atMonotonicMs: number;
};

/** A node keeps `reachedMs` on disk and starts from it: a restart with the clock set back extends nothing. */
export function advanceTime(
  known: TrustedTime,
  observed: { readonly wallMs: number; readonly monotonicMs: number },
): TrustedTime {
  const elapsedMs = Math.max(0, observed.monotonicMs - known.atMonotonicMs);
  return {
    reachedMs: Math.max(known.reachedMs + elapsedMs, observed.wallMs),
    atMonotonicMs: Math.max(known.atMonotonicMs, observed.monotonicMs),
  };
}
