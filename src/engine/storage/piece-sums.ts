// A quick sum of each piece that was hashed once: reading the same bytes again for another peer then costs a fifth of
// hashing them again. It finds rot (H147), not malice; whoever can write to our disk is not kept out by a hash either.

import { crc32 } from "node:zlib";

export class PieceSums {
  readonly #sums: Uint32Array;
  readonly #known: Uint8Array;

  constructor(pieceCount: number) {
    this.#sums = new Uint32Array(pieceCount);
    this.#known = new Uint8Array(pieceCount);
  }

  /** The piece was just verified to be these bytes. */
  remember(piece: number, views: readonly Uint8Array[]): void {
    this.#sums[piece] = sumOf(views);
    this.#known[piece] = 1;
  }

  isAsRemembered(piece: number, views: readonly Uint8Array[]): boolean {
    return this.#known[piece] === 1 && this.#sums[piece] === sumOf(views);
  }
}

function sumOf(views: readonly Uint8Array[]): number {
  let sum = 0;
  for (const view of views) sum = crc32(view, sum);
  return sum;
}
