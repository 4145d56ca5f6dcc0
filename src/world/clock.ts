// Time from outside. Two brands, because a deadline must never be compared with a date.

import type { Brand } from "../base/brand.ts";

/** Milliseconds since an arbitrary start; never goes back. */
export type MonotonicMs = Brand<number, "MonotonicMs">;
/** Milliseconds since the Unix epoch; may be set back by somebody. */
export type WallMs = Brand<number, "WallMs">;

export interface Timer {
  /** Stops the timer; a second call does nothing. */
  cancel(): void;
}

export interface Clock {
  monotonicMs(): MonotonicMs;
  wallMs(): WallMs;
  /** Calls back once, no earlier than `delayMs` from now. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls back every `periodMs` until cancelled. */
  every(periodMs: number, callback: () => void): Timer;
}
