// Canonical Huffman codes, most significant bit first: shorter codes come first, equal lengths in order of the symbols.

import { BrokenContainer } from "./container.ts";

export const LENGTH_MAX = 20;
/** Codes up to this length, nearly all of them, are found by one look into a table. */
const QUICK_BITS = 10;

export interface Bits {
  peek(count: number): number;
  skip(count: number): void;
}

export class HuffmanTable {
  /** For each length: the first code, and where its symbols begin in `#symbols`. */
  readonly #firstCode = new Uint32Array(LENGTH_MAX + 2);
  readonly #firstIndex = new Uint32Array(LENGTH_MAX + 2);
  readonly #counts = new Uint32Array(LENGTH_MAX + 2);
  readonly #symbols: Uint16Array;
  /** Symbol and length (5 bits) of the code that begins with these bits; 0: a longer one. */
  readonly #quick = new Uint16Array(1 << QUICK_BITS);

  constructor(lengths: readonly number[]) {
    for (const length of lengths) this.#counts[length] = (this.#counts[length] ?? 0) + 1;
    this.#symbols = Uint16Array.from(
      [...lengths.keys()].sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b),
    );
    let code = 0;
    let index = 0;
    for (let length = 1; length <= LENGTH_MAX; length += 1) {
      code = (code + (this.#counts[length - 1] ?? 0)) * 2;
      this.#firstCode[length] = code;
      this.#firstIndex[length] = index;
      index += this.#counts[length] ?? 0;
      if (length <= QUICK_BITS) this.#fillQuick(length);
    }
  }

  #fillQuick(length: number): void {
    const span = 1 << (QUICK_BITS - length);
    for (let offset = 0; offset < (this.#counts[length] ?? 0); offset += 1) {
      const begin = ((this.#firstCode[length] ?? 0) + offset) * span;
      const symbol = this.#symbols[(this.#firstIndex[length] ?? 0) + offset] ?? 0;
      this.#quick.fill((symbol << 5) | length, begin, begin + span);
    }
  }

  decode(bits: Bits): number {
    const quick = this.#quick[bits.peek(QUICK_BITS)] ?? 0;
    if (quick !== 0) {
      bits.skip(quick & 31);
      return quick >> 5;
    }
    for (let length = QUICK_BITS + 1; length <= LENGTH_MAX; length += 1) {
      const offset = bits.peek(length) - (this.#firstCode[length] ?? 0);
      if (offset < 0 || offset >= (this.#counts[length] ?? 0)) continue;
      bits.skip(length);
      return this.#symbols[(this.#firstIndex[length] ?? 0) + offset] ?? 0;
    }
    throw new BrokenContainer("A code of the compressed data is damaged.");
  }
}
