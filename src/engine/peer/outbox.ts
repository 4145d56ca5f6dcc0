// Small messages to a peer, gathered during a tick and sent in one write.

import { type BlockRange, REQUEST_BYTES, writeBlockFrame } from "../../wire/peer/block-frame.ts";
import type { PeerMessage } from "../../wire/peer/format.ts";
import { encodeMessage, KEEP_ALIVE } from "../../wire/peer/message.ts";
import type { PeerStream } from "../transport/transport.ts";

const CHUNK_BYTES = 1024;

export class Outbox {
  readonly #stream: PeerStream;
  /** Sent bytes must not change, so the chunk is written on from front to back and then replaced. */
  #chunk = Buffer.alloc(0);
  #begin = 0;
  #end = 0;
  #scheduled = false;

  constructor(stream: PeerStream) {
    this.#stream = stream;
  }

  message(message: PeerMessage): void {
    this.#append(encodeMessage(message));
  }

  block(kind: "request" | "cancel" | "reject", range: BlockRange): void {
    this.#reserve(REQUEST_BYTES);
    this.#end = writeBlockFrame(this.#chunk, this.#end, kind, range);
    this.#schedule();
  }

  keepAlive(): void {
    this.#append(KEEP_ALIVE);
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#end === this.#begin) return;
    this.#stream.write(this.#chunk.subarray(this.#begin, this.#end));
    this.#begin = this.#end;
  }

  #append(frame: Uint8Array): void {
    if (frame.length > CHUNK_BYTES) {
      this.flush();
      this.#stream.write(frame);
      return;
    }
    this.#reserve(frame.length);
    this.#chunk.set(frame, this.#end);
    this.#end += frame.length;
    this.#schedule();
  }

  #reserve(bytes: number): void {
    if (this.#chunk.length - this.#end >= bytes) return;
    this.flush();
    this.#chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    this.#begin = 0;
    this.#end = 0;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.flush());
  }
}
