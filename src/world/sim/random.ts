// Choices that can be made again: the same seed gives the same run.

import type { Random } from "../random.ts";

/** splitmix32: full period over 32-bit states, good enough to choose, useless to hide anything. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(limit: number): number {
    return limit <= 1 ? 0 : Math.floor(this.fraction() * limit);
  }

  /** 0 ≤ x < 1, in steps of 2⁻³². */
  fraction(): number {
    return this.next32() / 0x1_0000_0000;
  }

  next32(): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
}
