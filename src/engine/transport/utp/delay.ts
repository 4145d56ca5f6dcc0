// One-way delay for LEDBAT: the peer tells "my clock minus your timestamp"; against the smallest value of the last
// minutes that is queueing delay, whatever the offset of the two clocks. RFC 6817, section 4.2.

const BASE_MINUTES = 13;
const MINUTE_MS = 60_000;
/** The smallest of the last few samples counts: a single late packet says nothing about the queue. */
const CURRENT_SAMPLES = 3;

export class DelayHistory {
  /** The smallest raw sample of each of the last minutes, newest last. */
  readonly #bases: number[] = [];
  readonly #current: number[] = [];
  #minuteStartMs = 0;

  /** `sampleUs`: the raw difference, microseconds modulo 2³². Returns the queueing delay in microseconds. */
  add(sampleUs: number, nowMs: number): number {
    const newest = this.#bases.at(-1);
    if (newest === undefined || nowMs - this.#minuteStartMs >= MINUTE_MS) {
      this.#bases.push(sampleUs);
      if (this.#bases.length > BASE_MINUTES) this.#bases.shift();
      this.#minuteStartMs = nowMs;
    } else if (comesBefore(sampleUs, newest)) {
      this.#bases[this.#bases.length - 1] = sampleUs;
    }
    const base = this.#bases.reduce((least, value) => (comesBefore(value, least) ? value : least));
    this.#current.push((sampleUs - base) >>> 0);
    if (this.#current.length > CURRENT_SAMPLES) this.#current.shift();
    return Math.min(...this.#current);
  }
}

// The difference wraps with the peer's clock, every 71 minutes.
function comesBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
