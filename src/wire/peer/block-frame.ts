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

/** The range of a request, from the body of its frame; undefined when the body is anything else. */
export function readRequest(body: Uint8Array): BlockRange | undefined {
  if (body[0] !== FORMATS.request.id || body.length !== REQUEST_BODY_BYTES) return undefined;
  return { piece: readU32(body, 1), beginBytes: readU32(body, 5), lengthBytes: readU32(body, 9) };
}

export function readU32(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return (bytes[at] ?? 0) * 0x1000000 + low;
}

function writeU32(target: Buffer, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}
