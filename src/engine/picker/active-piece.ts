// A piece that is being fetched: which blocks were asked for, how often, and which are here.

import { type BlockKey, blockKey } from "./block-key.ts";

const RECEIVED = 255;
const REQUESTERS_MAX = 254;

export class ActivePiece {
  readonly piece: number;
  readonly blockCount: number;
  /** The peer that fetches it alone; undefined: anybody may take its blocks. */
  owner: number | undefined;
  /** The peer that is tried by this piece, until it is verified. */
  tried: number | undefined;
  /** Some of its blocks were here, and come again. */
  isMended = false;
  /** Nobody but the owner may send any of it: a bad copy then names its sender. */
  readonly alone: boolean;
  /** Per block: how many peers were asked, or RECEIVED. */
  readonly #asked: Uint8Array;
  #free: number;
  #left: number;
  /** No block before this one is free. */
  #cursor = 0;

  constructor(piece: number, blockCount: number, owner: number | undefined, alone: boolean) {
    this.piece = piece;
    this.alone = alone;
    this.blockCount = blockCount;
    this.owner = owner;
    this.#asked = new Uint8Array(blockCount);
    this.#free = blockCount;
    this.#left = blockCount;
  }

  /** Blocks that nobody was asked for. */
  get free(): number {
    return this.#free;
  }

  /** Blocks that have not arrived. */
  get left(): number {
    return this.#left;
  }

  isReceived(block: number): boolean {
    return this.#asked[block] === RECEIVED;
  }

  askedOf(block: number): number {
    const asked = this.#asked[block] ?? RECEIVED;
    return asked === RECEIVED ? 0 : asked;
  }

  /** The next free block, now asked for; undefined when none is free. */
  takeFree(): number | undefined {
    if (this.#free === 0) return undefined;
    while (this.#asked[this.#cursor] !== 0) this.#cursor++;
    const block = this.#cursor++;
    this.#asked[block] = 1;
    this.#free--;
    return block;
  }

  /** Appends free blocks, now asked for, until `into` holds `target` keys or none is free. */
  take(target: number, into: BlockKey[]): void {
    while (into.length < target) {
      const block = this.takeFree();
      if (block === undefined) return;
      into.push(blockKey(this.piece, block));
    }
  }

  /** One more peer is asked for a block that another one owes (endgame). */
  askAgain(block: number): void {
    const asked = this.askedOf(block);
    if (asked > 0 && asked < REQUESTERS_MAX) this.#asked[block] = asked + 1;
  }

  /** A peer will not send the block after all. */
  release(block: number): void {
    const asked = this.askedOf(block);
    if (asked === 0) return;
    this.#asked[block] = asked - 1;
    if (asked > 1) return;
    this.#free++;
    this.#cursor = Math.min(this.#cursor, block);
  }

  /** The peer left, or was given up. */
  disown(peer: number): void {
    if (this.owner === peer) this.owner = undefined;
    if (this.tried === peer) this.tried = undefined;
  }

  /** A block that was here turned out to be bad: it has to be asked for again. */
  forget(block: number): void {
    if (this.#asked[block] !== RECEIVED) return;
    this.#asked[block] = 0;
    this.#free++;
    this.#left++;
    this.#cursor = Math.min(this.#cursor, block);
  }

  /** False when the block was here before. */
  receive(block: number): boolean {
    if (this.#asked[block] === RECEIVED) return false;
    if (this.#asked[block] === 0) this.#free--;
    this.#asked[block] = RECEIVED;
    this.#left--;
    return true;
  }
}
