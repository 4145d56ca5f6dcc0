// Room on a disk that is set aside for a database while there is some: when the disk is full it is given up, so that what
// must be recorded (a transfer has stopped, a grant was revoked) still can be.

import { randomFillSync } from "node:crypto";
import { existsSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Twice what SQLite's write-ahead log grows to before it is put into the database (1,000 pages of 4 KiB). */
const RESERVE_BYTES = 8 * 1024 * 1024;
/** The reserve is made again when the disk has come to this many times its size. */
const ROOM_FACTOR = 4;
const LOOK_EVERY_MS = 10_000;

export class SpaceReserve {
  readonly #path: string;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#path = path;
    this.keep();
  }

  /** True when there was room to give up: what failed may now succeed. */
  give(): boolean {
    const held = existsSync(this.#path);
    rmSync(this.#path, { force: true });
    return held;
  }

  /** Sets the room aside (again) when the disk has plenty; looks seldom. */
  keep(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = nowMs;
    if (existsSync(this.#path)) return;
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    if (bavail * bsize < ROOM_FACTOR * RESERVE_BYTES) return;
    try {
      // Noise: a file system that compresses, or keeps holes, would set nothing aside for zeros.
      writeFileSync(this.#path, randomFillSync(Buffer.allocUnsafe(RESERVE_BYTES)), { mode: 0o600 });
    } catch {
      // Another program was faster to fill the disk.
      rmSync(this.#path, { force: true });
    }
  }
}
