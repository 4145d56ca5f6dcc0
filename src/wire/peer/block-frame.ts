// The frames that carry nearly all bytes and nearly all messages, written by hand: request, cancel, reject and the head
// of a piece. Tested equal to the declared encoder.

import { FORMATS } from "./format.ts";

/** Length prefix, id, piece, begin: what stands before the payload of a block. */
export const PIECE_HEAD_BYTES = 13;
/** Length prefix, id, piece, begin, length. */
export const REQUEST_BYTES = 17;

const PIECE_BODY_HEAD_BYTES = 9;
const REQUEST_BODY_BYTES = 13;

export type BlockRange = { readonly piece: number; readonly beginBytes: number; readonly lengthBytes: number };

/** Writes the head of a piece message for a block of `lengthBytes`; the payload follows at +13. */
export function writePieceHead(target: Buffer, at: number, block: BlockRange): void {
  writeU32(target, at, PIECE_BODY_HEAD_BYTES + block.lengthBytes);
  target[at + 4] = FORMATS.piece.id;
  writeU32(target, at + 5, block.piece);
  writeU32(target, at + 9, block.beginBytes);
}

/** Writes a whole request, cancel or reject; returns where the next frame begins. */
export function writeBlockFrame(
  target: Buffer,
  at: number,
  kind: "request" | "cancel" | "reject",
  block: BlockRange,
): number {
  writeU32(target, at, REQUEST_BODY_BYTES);
  target[at + 4] = FORMATS[kind].id;
  writeU32(target, at + 5, block.piece);
  writeU32(target, at + 9, block.beginBytes);
  writeU32(target, at + 13, block.lengthBytes);
  return at + REQUEST_BYTES;
}

function writeU32(target: Buffer, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}
