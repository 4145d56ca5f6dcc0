// Cuts the byte stream of a peer into messages. The payload of a block is copied once, straight from the transport's read
// buffer to where the piece is assembled, unless it was read to that very place; every other message is handed over whole.

import { asBuffer, copyBytes } from "../../base/bytes.ts";
import { PIECE_HEAD_BYTES, readU32 } from "./block-frame.ts";
import { FORMATS } from "./format.ts";
import { LENGTH_PREFIX_BYTES } from "./message.ts";

export type FrameSink = {
  /**
   * A block begins. Returns where its payload goes (exactly `lengthBytes` long), or undefined to skip it. The payload begins
   * at `at` of what is being read: it may stay there, where that is its place, and must not be put over what follows it.
   */
  blockBegins(piece: number, beginBytes: number, lengthBytes: number, read: Buffer, at: number): Buffer | undefined;
  /** The payload of the block that began last is complete. Not called for a skipped one. */
  blockEnds(piece: number, beginBytes: number, lengthBytes: number): void;
  /** Any other message: id and fields. `body` is only valid during the call. */
  message(body: Uint8Array): void;
  keepAlive(): void;
  /** The stream cannot be followed any further; nothing is delivered after this. */
  fault(why: FrameFault): void;
};

/** What the next byte of the stream will be part of. */
export type NextByte =
  | { readonly in: "head"; readonly bytesHere: number }
  | { readonly in: "block"; readonly bytesLeft: number }
  | { readonly in: "message" };

export type FrameFault = "frame-too-long" | "block-too-long" | "block-too-short";

export type FrameLimits = {
  /** Of any frame but a piece. */
  readonly frameBytesMax: number;
  /** Of the payload of a piece message. */
  readonly blockBytesMax: number;
};

const PEER_FRAME_LIMITS: FrameLimits = { frameBytesMax: 2 * 1024 * 1024, blockBytesMax: 16 * 1024 };

const PIECE_ID = FORMATS.piece.id;
const PIECE_BODY_HEAD_BYTES = PIECE_HEAD_BYTES - LENGTH_PREFIX_BYTES;

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #limits: FrameLimits;
  /** The first bytes of a frame whose head came in parts. */
  readonly #head = Buffer.alloc(PIECE_HEAD_BYTES);
  #headBytes = 0;
  /** A message that came in parts: grows with what arrives, not with what its head promises (H64). */
  #partial: Buffer | undefined;
  #partialBytes = 0;
  #partialTotal = 0;
  /** A block that came in parts. */
  #blockLeft = 0;
  #blockTarget: Buffer | undefined;
  #block = { piece: 0, beginBytes: 0, lengthBytes: 0 };
  #stopped = false;

  constructor(sink: FrameSink, limits: FrameLimits = PEER_FRAME_LIMITS) {
    this.#sink = sink;
    this.#limits = limits;
  }

  get next(): NextByte {
    if (this.#blockLeft > 0) return { in: "block", bytesLeft: this.#blockLeft };
    return this.#partialTotal > 0 ? { in: "message" } : { in: "head", bytesHere: this.#headBytes };
  }

  /** Nothing more is delivered, not even from the bytes at hand. */
  stop(): void {
    this.#stopped = true;
  }

  /** The rest of the block under way is dropped: its place is no longer ours to write to. */
  skipBlock(): void {
    this.#blockTarget = undefined;
  }

  push(bytes: Uint8Array): void {
    const chunk = asBuffer(bytes);
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      if (this.#blockLeft > 0) at = this.#continueBlock(chunk, at);
      else if (this.#partialTotal > 0) at = this.#continueMessage(chunk, at);
      else at = this.#beginFrame(chunk, at);
    }
  }

  /** Returns where the chunk goes on. */
  #beginFrame(chunk: Buffer, at: number): number {
    if (this.#headBytes > 0 || chunk.length - at < PIECE_HEAD_BYTES) return this.#gatherHead(chunk, at);
    const length = readU32(chunk, at);
    if (chunk[at + LENGTH_PREFIX_BYTES] === PIECE_ID && length > 0) {
      const payloadAt = at + PIECE_HEAD_BYTES;
      this.#beginBlock(length, readU32(chunk, at + 5), readU32(chunk, at + 9), chunk, payloadAt);
      return payloadAt;
    }
    return this.#beginMessage(length, chunk, at + LENGTH_PREFIX_BYTES);
  }

  // Only near the ends of chunks: collects byte by byte until the head tells what the frame is.
  #gatherHead(chunk: Buffer, at: number): number {
    let next = at;
    while (next < chunk.length && this.#headBytes < PIECE_HEAD_BYTES) {
      this.#head[this.#headBytes++] = chunk[next++] ?? 0;
      if (this.#headBytes < LENGTH_PREFIX_BYTES) continue;
      const length = readU32(this.#head, 0);
      if (length === 0) {
        this.#headBytes = 0;
        this.#sink.keepAlive();
        return next;
      }
      if (this.#headBytes === LENGTH_PREFIX_BYTES) continue;
      if (this.#head[LENGTH_PREFIX_BYTES] !== PIECE_ID) {
        this.#headBytes = 0;
        return this.#beginMessage(length, chunk, next, this.#head[LENGTH_PREFIX_BYTES]);
      }
    }
    if (this.#headBytes === PIECE_HEAD_BYTES) {
      this.#headBytes = 0;
      this.#beginBlock(readU32(this.#head, 0), readU32(this.#head, 5), readU32(this.#head, 9), chunk, next);
    }
    return next;
  }

  #beginBlock(bodyBytes: number, piece: number, beginBytes: number, chunk: Buffer, at: number): void {
    const lengthBytes = bodyBytes - PIECE_BODY_HEAD_BYTES;
    if (lengthBytes <= 0) return this.#fail("block-too-short");
    if (lengthBytes > this.#limits.blockBytesMax) return this.#fail("block-too-long");
    this.#block = { piece, beginBytes, lengthBytes };
    this.#blockLeft = lengthBytes;
    this.#blockTarget = this.#sink.blockBegins(piece, beginBytes, lengthBytes, chunk, at);
  }

  #continueBlock(chunk: Buffer, at: number): number {
    const count = Math.min(this.#blockLeft, chunk.length - at);
    const { lengthBytes } = this.#block;
    const target = this.#blockTarget;
    const doneBytes = lengthBytes - this.#blockLeft;
    if (target !== undefined && !isSamePlace(target, doneBytes, chunk, at)) {
      copyBytes(chunk, at, at + count, target, doneBytes);
    }
    this.#blockLeft -= count;
    if (this.#blockLeft === 0 && this.#blockTarget !== undefined) {
      this.#blockTarget = undefined;
      this.#sink.blockEnds(this.#block.piece, this.#block.beginBytes, lengthBytes);
    }
    return at + count;
  }

  /** `firstByte` is given when the id was already taken from the chunk. */
  #beginMessage(length: number, chunk: Buffer, at: number, firstByte?: number): number {
    if (length > this.#limits.frameBytesMax) {
      this.#fail("frame-too-long");
      return chunk.length;
    }
    if (length === 0) {
      this.#sink.keepAlive();
      return at;
    }
    if (firstByte === undefined && chunk.length - at >= length) {
      this.#sink.message(chunk.subarray(at, at + length));
      return at + length;
    }
    this.#partialTotal = length;
    this.#partial = Buffer.allocUnsafe(Math.min(length, 4096));
    this.#partialBytes = 0;
    if (firstByte !== undefined) {
      this.#partial[0] = firstByte;
      this.#partialBytes = 1;
    }
    return this.#partialBytes === length ? this.#endMessage(at) : at;
  }

  #continueMessage(chunk: Buffer, at: number): number {
    const count = Math.min(this.#partialTotal - this.#partialBytes, chunk.length - at);
    const needed = this.#partialBytes + count;
    let partial = this.#partial ?? Buffer.allocUnsafe(needed);
    if (needed > partial.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.#partialTotal, Math.max(needed, partial.length * 2)));
      partial.copy(larger, 0, 0, this.#partialBytes);
      partial = larger;
    }
    this.#partial = partial;
    chunk.copy(partial, this.#partialBytes, at, at + count);
    this.#partialBytes = needed;
    return this.#partialBytes === this.#partialTotal ? this.#endMessage(at + count) : at + count;
  }

  #endMessage(at: number): number {
    const body = this.#partial?.subarray(0, this.#partialTotal);
    this.#partial = undefined;
    this.#partialTotal = 0;
    if (body !== undefined) this.#sink.message(body);
    return at;
  }

  #fail(why: FrameFault): void {
    this.#stopped = true;
    this.#sink.fault(why);
  }
}

function isSamePlace(target: Buffer, targetAt: number, chunk: Buffer, chunkAt: number): boolean {
  return target.buffer === chunk.buffer && target.byteOffset + targetAt === chunk.byteOffset + chunkAt;
}
