// Bytes that look random and can be had again. For simulations only: whoever knows the seed knows them all.

import type { Entropy } from "../entropy.ts";
import { SeededRandom } from "./random.ts";

export class SeededEntropy implements Entropy {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#random.below(256));
  }
}
