// When a torrent that a full disk stopped tries again: nobody has to press a button once there is room.

import type { Failure } from "../../base/failure.ts";
import type { MonotonicMs } from "../../world/clock.ts";

const RETRY_MS = 5_000;
const RETRIED: ReadonlySet<string> = new Set(["engine.disk_full", "engine.files_exhausted"]);

export class DiskRetry {
  #atMs = Number.POSITIVE_INFINITY;

  stopped(why: Failure, nowMs: MonotonicMs): void {
    this.#atMs = RETRIED.has(why.code) ? nowMs + RETRY_MS : Number.POSITIVE_INFINITY;
  }

  cancel(): void {
    this.#atMs = Number.POSITIVE_INFINITY;
  }

  isDue(nowMs: MonotonicMs): boolean {
    return nowMs >= this.#atMs;
  }
}
