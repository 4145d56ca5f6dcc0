// Bytes that the session has written and no packet carries yet.

type Pending = { readonly bytes: Uint8Array; readonly flushed: (() => void) | undefined };

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
    this.#queue.push({ bytes, flushed });
    this.#bytes += bytes.length;
  }

  /** Moves the next `count` bytes into `target`; at most `bytes` may be asked for. */
  take(target: Uint8Array, at: number, count: number): void {
    let filled = 0;
    while (filled < count) {
      const first = this.#queue[this.#head];
      if (first === undefined) break;
      const chunk = first.bytes.subarray(this.#taken, this.#taken + count - filled);
      target.set(chunk, at + filled);
      filled += chunk.length;
      this.#taken += chunk.length;
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
