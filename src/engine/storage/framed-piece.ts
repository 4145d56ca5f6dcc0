// How a piece lies in memory: every block behind the 13 bytes of its frame head, so that a run of adjacent requests leaves in
// one write, and arrives in one read, without a copy. The heads are the same for every peer.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import { PIECE_HEAD_BYTES, writePieceHead } from "../../wire/peer/block-frame.ts";

const STRIDE_BYTES = PIECE_HEAD_BYTES + BLOCK_BYTES;

export function framedBytes(pieceBytes: number): number {
  return pieceBytes + Math.ceil(pieceBytes / BLOCK_BYTES) * PIECE_HEAD_BYTES;
}

/** Where the frame of the block begins. */
export function frameOffset(block: number): number {
  return block * STRIDE_BYTES;
}

/** Where the payload of the block begins. */
export function payloadOffset(block: number): number {
  return block * STRIDE_BYTES + PIECE_HEAD_BYTES;
}

/** Where a byte of the piece lies. */
function framedOffset(beginBytes: number): number {
  const block = Math.floor(beginBytes / BLOCK_BYTES);
  return payloadOffset(block) + (beginBytes - block * BLOCK_BYTES);
}

export function writeHeads(memory: Buffer, piece: number, pieceBytes: number): void {
  for (let beginBytes = 0, block = 0; beginBytes < pieceBytes; beginBytes += BLOCK_BYTES, block++) {
    const lengthBytes = Math.min(BLOCK_BYTES, pieceBytes - beginBytes);
    writePieceHead(memory, frameOffset(block), { piece, beginBytes, lengthBytes });
  }
}

/** The payload of `lengthBytes` from `beginBytes`, as views between the heads, in order. */
export function payloadViews(memory: Buffer, beginBytes: number, lengthBytes: number): Buffer[] {
  const views: Buffer[] = [];
  let at = beginBytes;
  const end = beginBytes + lengthBytes;
  while (at < end) {
    const count = Math.min(BLOCK_BYTES - (at % BLOCK_BYTES), end - at);
    const offset = framedOffset(at);
    views.push(memory.subarray(offset, offset + count));
    at += count;
  }
  return views;
}
