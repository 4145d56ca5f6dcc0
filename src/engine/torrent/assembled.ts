// A piece in memory that is not whole yet: every block at the place where it would also be served from (framed-piece.ts).

import { bytesEqual } from "../../base/bytes.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import { SHA256_BYTES, sha256 } from "../../domain/metainfo/merkle.ts";
import { payloadOffset, payloadViews } from "../storage/framed-piece.ts";
import type { Slot } from "../storage/piece-memory.ts";
import type { Landing } from "./landings.ts";

export type Assembled = {
  slot: Slot;
  /** Holds what has arrived, until the slot does: one peer's socket still writes there. */
  landing: Landing | undefined;
  readonly dataBytes: number;
  readonly hosts: string[];
  /** What each block must hash to; asked for when the piece has failed once. */
  leaves: Uint8Array | undefined;
  /** Whose blocks were replaced: they are not asked for them again. */
  readonly suspects: Set<string>;
};

export function assembledIn(slot: Slot, dataBytes: number, lengthBytes: number): Assembled {
  // What lies behind the data is padding: the v1 hash covers it as zeros.
  const paddingBytes = lengthBytes - dataBytes;
  if (paddingBytes > 0) for (const view of payloadViews(slot.bytes, dataBytes, paddingBytes)) view.fill(0);
  return { slot, landing: undefined, dataBytes, hosts: [], leaves: undefined, suspects: new Set() };
}

export function blockBytes({ dataBytes }: Pick<Assembled, "dataBytes">, block: number): number {
  return Math.min(BLOCK_BYTES, dataBytes - block * BLOCK_BYTES);
}

export function blockIn(slot: Slot, assembled: Assembled, block: number): Buffer {
  const offset = payloadOffset(block);
  return slot.bytes.subarray(offset, offset + blockBytes(assembled, block));
}

export function leafOf(leaves: Uint8Array, block: number): Uint8Array {
  return leaves.subarray(block * SHA256_BYTES, (block + 1) * SHA256_BYTES);
}

/** Whether the block is what its leaf says. */
export function isRight(assembled: Assembled, leaves: Uint8Array, block: number): boolean {
  return bytesEqual(sha256(blockIn(assembled.slot, assembled, block)), leafOf(leaves, block));
}

export function isUntouched(assembled: Assembled | undefined): boolean {
  return assembled !== undefined && assembled.landing === undefined && assembled.slot.place === undefined;
}

/** Whether the piece lies in this landing; it begins to when nothing of either lies anywhere. */
export function lands(assembled: Assembled, piece: number, landing: Landing): boolean {
  if (landing.piece === undefined && isUntouched(assembled)) {
    assembled.landing = landing;
    landing.piece = piece;
  }
  return assembled.landing === landing;
}

/** From now on the piece lies in its slot alone, and others may write there too. */
export function settle(assembled: Assembled | undefined, isReceived: (block: number) => boolean): void {
  if (assembled?.landing === undefined) return;
  const { landing, slot, dataBytes } = assembled;
  for (let block = 0; block * BLOCK_BYTES < dataBytes; block++) {
    if (isReceived(block)) blockIn(landing.slot, assembled, block).copy(blockIn(slot, assembled, block));
  }
  release(assembled);
}

/** Everything arrived where one peer's socket wrote: the piece takes that memory, and the peer the piece's for its next. */
export function adopt(assembled: Assembled): void {
  const { landing, slot } = assembled;
  if (landing === undefined) return;
  assembled.slot = landing.slot;
  landing.slot = slot;
  release(assembled);
}

/** What was received in the landing is not needed. */
export function release(assembled: Assembled): void {
  if (assembled.landing !== undefined) assembled.landing.piece = undefined;
  assembled.landing = undefined;
}
