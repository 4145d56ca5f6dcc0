// Bytes that the session has written and no packet carries yet.

import { asBuffer, copyBytes } from "../../../base/bytes.ts";

type Pending = { readonly bytes: Buffer; readonly flushed: (() => void) | undefined };

export class Outbox {
  readonly #queue: Pending[] = [];
  #head = 0;
  /** How much of the first entry is already in packets. */
  #taken = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(bytes: Uint8Array, flushed: (() => void) | undefined): void {
    if (bytes.length === 0) {
      flushed?.();
      return;
    }
    this.#queue.push({ bytes: asBuffer(bytes), flushed });
    this.#bytes += bytes.length;
  }

  /** Moves the next `count` bytes into `target`; at most `bytes` may be asked for. */
  take(target: Buffer, at: number, count: number): void {
    let filled = 0;
    while (filled < count) {
      const first = this.#queue[this.#head];
      if (first === undefined) break;
      const end = Math.min(first.bytes.length, this.#taken + count - filled);
      copyBytes(first.bytes, this.#taken, end, target, at + filled);
      filled += end - this.#taken;
      this.#taken = end;
      if (this.#taken === first.bytes.length) this.#release(first);
    }
    this.#bytes -= filled;
  }

  /** Forgets everything; whoever waits for its buffer gets it back. */
  clear(): void {
    for (const pending of this.#queue.splice(0).slice(this.#head)) pending.flushed?.();
    this.#head = 0;
    this.#taken = 0;
    this.#bytes = 0;
  }

  #release(first: Pending): void {
    this.#taken = 0;
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    } else if (this.#head >= 64 && this.#head * 2 >= this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    first.flushed?.();
  }
}
