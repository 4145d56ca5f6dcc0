// How many connected peers have each piece: what is rare is asked for first.

import type { Bitfield } from "./bitfield.ts";

export class Availability {
  /** Peers that have the piece, seeds not counted. */
  readonly #copies: Uint16Array;
  #seeds = 0;
  #news = 0;

  constructor(pieceCount: number) {
    this.#copies = new Uint16Array(pieceCount);
  }

  of(piece: number): number {
    return (this.#copies[piece] ?? 0) + this.#seeds;
  }

  /** Copies that were counted since the news was last taken; a piece that nobody had counts as much as all. */
  get news(): number {
    return this.#news;
  }

  takeNews(): void {
    this.#news = 0;
  }

  peerCame(has: Bitfield): void {
    if (has.isFull) this.#seeds++;
    else for (const piece of has.indices()) this.#count(piece, 1);
  }

  peerWent(has: Bitfield): void {
    if (has.isFull) this.#seeds--;
    else for (const piece of has.indices()) this.#count(piece, -1);
  }

  /** Call after the bit was set in `has`. */
  peerGot(piece: number, has: Bitfield): void {
    this.#count(piece, 1);
    if (!has.isFull) return;
    for (let n = 0; n < has.length; n++) this.#count(n, -1);
    this.#seeds++;
  }

  /** Call after the bit was taken from `has`. */
  peerLost(piece: number, has: Bitfield): void {
    if (has.count === has.length - 1) {
      this.#seeds--;
      for (let n = 0; n < has.length; n++) this.#count(n, 1);
    }
    this.#count(piece, -1);
  }

  #count(piece: number, by: 1 | -1): void {
    this.#copies[piece] = (this.#copies[piece] ?? 0) + by;
    // A piece that nobody had is in no order yet.
    this.#news += by === 1 && this.#copies[piece] === 1 ? this.#copies.length : 1;
  }
}
