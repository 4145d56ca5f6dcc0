// Whether the machine has room for one more test file: whether some of its cores did nothing since that was last asked.

import { cpus } from "node:os";

/** What the cores have idled all together, and when that was read. */
export type Idled = { readonly idleMs: number; readonly atMs: number };

/** Long enough that what was begun last has shown what it takes. */
const WATCH_MS = 2000;
/** What a file takes that mostly waits for timers and for other programs. */
const IDLE_CORES_MIN = 0.5;

export class Room {
  readonly #read: () => Idled;
  #since: Idled;

  constructor(read: () => Idled = readMachine) {
    this.#read = read;
    this.#since = read();
  }

  /** Says yes at most once in the time that it watches. */
  isThere(): boolean {
    const now = this.#read();
    const watchedMs = now.atMs - this.#since.atMs;
    if (watchedMs < WATCH_MS) return false;
    const idleCores = (now.idleMs - this.#since.idleMs) / watchedMs;
    this.#since = now;
    return idleCores >= IDLE_CORES_MIN;
  }
}

// Against the clock and not against the time that the cores worked: what a hypervisor gives to others is not idle.
function readMachine(): Idled {
  return { idleMs: cpus().reduce((sum, cpu) => sum + cpu.times.idle, 0), atMs: performance.now() };
}
