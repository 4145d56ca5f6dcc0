// A piece on its way in: its bytes, every block at the place where it would also be served from (framed-piece.ts), who sent
// which block, and what is known of a bad copy while it is mended.

import { present } from "../../base/assert.ts";
import { bytesEqual } from "../../base/bytes.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import { SHA256_BYTES, sha256 } from "../../domain/metainfo/merkle.ts";
import type { ActivePiece } from "../picker/active-piece.ts";
import { payloadOffset, payloadViews } from "../storage/framed-piece.ts";
import type { Slot } from "../storage/piece-memory.ts";
import type { Landing } from "./landings.ts";
import { Mend } from "./mend.ts";

type Sizes = { readonly dataBytes: number; readonly lengthBytes: number };

export class AssembledPiece {
  #slot: Slot;
  #landing: Landing | undefined;
  readonly dataBytes: number;
  readonly #lengthBytes: number;
  readonly hosts: string[] = [];
  /** What each block must hash to; asked for when the piece has failed once. */
  leaves: Uint8Array | undefined;
  /** Who had a part in a bad copy, while it is not known who sent what. */
  readonly suspects = new Set<string>();
  #mend: Mend | undefined;
  #mends = 0;

  constructor(slot: Slot, { dataBytes, lengthBytes }: Sizes) {
    this.#slot = slot;
    this.dataBytes = dataBytes;
    this.#lengthBytes = lengthBytes;
    // What lies behind the data is padding: the v1 hash covers it as zeros.
    const paddingBytes = lengthBytes - dataBytes;
    if (paddingBytes > 0) for (const view of payloadViews(slot.bytes, dataBytes, paddingBytes)) view.fill(0);
  }

  get slot(): Slot {
    return this.#slot;
  }

  /** Holds what has arrived, until the slot does: one peer's socket still writes there. */
  get landing(): Landing | undefined {
    return this.#landing;
  }

  /** Whether nothing of it lies anywhere. */
  get isUntouched(): boolean {
    return this.#landing === undefined && this.#slot.place === undefined;
  }

  /** Whether the piece lies in this landing; it begins to when nothing of either lies anywhere. */
  landsIn(landing: Landing, piece: number): boolean {
    if (landing.piece === undefined && this.isUntouched) {
      this.#landing = landing;
      landing.piece = piece;
    }
    return this.#landing === landing;
  }

  /** From now on it lies in its slot alone, and others may write there too. */
  settle(isReceived: (block: number) => boolean): void {
    const landing = this.#landing;
    if (landing === undefined) return;
    for (let block = 0; block * BLOCK_BYTES < this.dataBytes; block++) {
      if (isReceived(block)) this.blockIn(landing.slot, block).copy(this.blockIn(this.#slot, block));
    }
    this.release();
  }

  /** Everything arrived where one peer's socket wrote: it takes that memory, and the peer this one's for its next. */
  adopt(): void {
    const landing = this.#landing;
    if (landing === undefined) return;
    const slot = this.#slot;
    this.#slot = landing.slot;
    landing.slot = slot;
    this.release();
  }

  /** What was received in the landing is not needed. */
  release(): void {
    if (this.#landing !== undefined) this.#landing.piece = undefined;
    this.#landing = undefined;
  }

  /** How often it was mended. */
  get mends(): number {
    return this.#mends;
  }

  /** Whose blocks are to come from others now. */
  get replaced(): string | undefined {
    return this.#mend?.sender;
  }

  /** Whether copies of its blocks are compared with those of the bad one. */
  get isCompared(): boolean {
    return this.#mend !== undefined && !this.#mend.hasDiffered;
  }

  blockBytes(block: number): number {
    return Math.min(BLOCK_BYTES, this.dataBytes - block * BLOCK_BYTES);
  }

  /** Where the block lies in memory that is laid out like this piece. */
  blockIn(slot: Slot, block: number): Buffer {
    const offset = payloadOffset(block);
    return slot.bytes.subarray(offset, offset + this.blockBytes(block));
  }

  /** Of a v2 piece whose blocks' hashes are known. */
  isRight(block: number): boolean {
    if (this.leaves === undefined) return true;
    const { slot } = this.#landing ?? this;
    return bytesEqual(sha256(this.blockIn(slot, block)), leafOf(this.leaves, block));
  }

  /** How many of its blocks came from the host. */
  blocksOf(host: string, active: ActivePiece): number {
    return this.hosts.filter((sender, block) => sender === host && active.isReceived(block)).length;
  }

  /** Blocks that have to come again. Returns how many bytes were in vain. */
  forget(active: ActivePiece, isBad: (host: string, block: number) => boolean): number {
    let wastedBytes = 0;
    for (const [block, host] of this.hosts.entries()) {
      if (!active.isReceived(block) || !isBad(host, block)) continue;
      active.forget(block);
      wastedBytes += this.blockBytes(block);
    }
    return wastedBytes;
  }

  /** The copy was bad, and several sent it. Returns how many bytes come again. */
  mend(active: ActivePiece, digests: Uint8Array, trust: (host: string) => number): number {
    this.#mends++;
    const before = this.#mend;
    const accused = before?.accused;
    if (accused !== undefined) {
      const wastedBytes = this.forget(active, (host, block) => host === accused && before?.isVouched(block) !== true);
      if (wastedBytes > 0) return wastedBytes;
    }
    this.#mend = new Mend(digests, this.hosts.slice());
    return this.#forgetNext(active, trust);
  }

  /**
   * A block of a bad piece came again. Returns how many bytes come again too, none when the piece has to be looked at,
   * and who is found out; undefined when nothing is left to compare.
   */
  compare(
    active: ActivePiece,
    block: number,
    trust: (host: string) => number,
  ): { readonly wastedBytes: number; readonly guilty?: string } | undefined {
    const mend = present(this.#mend, "a bad copy");
    const sender = present(mend.senderOf(block), "who sent the block");
    const offset = payloadOffset(block);
    const copy = this.#slot.bytes.subarray(
      offset,
      offset + Math.min(BLOCK_BYTES, this.#lengthBytes - block * BLOCK_BYTES),
    );
    if (!mend.isSame(block, copy, present(this.hosts[block], "who sent the copy"))) {
      return { wastedBytes: 0 };
    }
    this.hosts[block] = sender;
    if (active.left > 0) return { wastedBytes: 0 };
    const { guilty } = mend;
    if (guilty !== undefined) this.#mend = mend.again();
    const wastedBytes = this.#forgetNext(active, trust);
    if (guilty !== undefined) return { wastedBytes, guilty };
    return wastedBytes > 0 ? { wastedBytes } : undefined;
  }

  #forgetNext(active: ActivePiece, trust: (host: string) => number): number {
    const blocks = present(this.#mend, "a bad copy").next(trust);
    return this.forget(active, (_host, block) => blocks.includes(block));
  }
}

export function leafOf(leaves: Uint8Array, block: number): Uint8Array {
  return leaves.subarray(block * SHA256_BYTES, (block + 1) * SHA256_BYTES);
}
