// Time that stands still until it is moved, so that a day of a swarm takes seconds and every run is the same.

import type { Clock, MonotonicMs, Timer, WallMs } from "../clock.ts";

type Due = { readonly atMs: number; readonly order: number; callback: (() => void) | undefined };

/** 2026-01-01T00:00:00Z: any fixed date serves. */
const WALL_START_MS = 1_767_225_600_000;

export class SimClock implements Clock {
  #nowMs = 0;
  #wallShiftMs = 0;
  #order = 0;
  /** A binary heap by time, then by the order of asking: equal times run in the order in which they were set. */
  readonly #heap: Due[] = [];

  monotonicMs(): MonotonicMs {
    return this.#nowMs as MonotonicMs;
  }

  wallMs(): WallMs {
    return (WALL_START_MS + this.#nowMs + this.#wallShiftMs) as WallMs;
  }

  /** Somebody sets the machine's date; the monotonic clock does not notice. */
  shiftWall(byMs: number): void {
    this.#wallShiftMs += byMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const due: Due = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#push(due);
    return {
      cancel: () => {
        due.callback = undefined;
      },
    };
  }

  every(periodMs: number, callback: () => void): Timer {
    let timer: Timer;
    const again = () => {
      timer = this.after(periodMs, again);
      callback();
    };
    timer = this.after(periodMs, again);
    return { cancel: () => timer.cancel() };
  }

  /** Runs everything due up to `untilMs`, each with the promises that it settles, and stops there. */
  async runUntil(untilMs: number, afterEach?: () => void): Promise<void> {
    await settle();
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#pop();
      if (next.callback === undefined) continue;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      await settle();
      afterEach?.();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  async advance(byMs: number): Promise<void> {
    await this.runUntil(this.#nowMs + byMs);
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Due;
      if (!isEarlier(due, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(heap[child + 1] as Due, heap[child] as Due)) child++;
      const below = heap[child] as Due;
      if (!isEarlier(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function isEarlier(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

// Simulated code awaits only values that are there already, so a few rounds of the microtask queue empty it; a macrotask
// between events would cost a hundred times as much.
const MICROTASK_ROUNDS = 16;
async function settle(): Promise<void> {
  for (let round = 0; round < MICROTASK_ROUNDS; round++) await Promise.resolve();
}
