// Bytes of a handshake that have arrived and are not consumed yet. Small: a handshake ends within two kilobytes.

import { asBuffer } from "../../base/bytes.ts";

export class Inbox {
  #bytes = Buffer.alloc(0);

  get length(): number {
    return this.#bytes.length;
  }

  /** Copies: the caller may reuse its buffer. */
  push(chunk: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
  }

  /** The next `count` bytes, or undefined until they are all here. */
  take(count: number): Uint8Array | undefined {
    if (this.#bytes.length < count) return undefined;
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  takeAll(): Uint8Array {
    const taken = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return taken;
  }

  /** Skips up to and including `mark`; "far" when it cannot begin within `offsetMax` bytes any more. */
  skipPast(mark: Uint8Array, offsetMax: number): "found" | "waiting" | "far" {
    const window = this.#bytes.subarray(0, offsetMax + mark.length);
    const at = window.indexOf(asBuffer(mark));
    if (at < 0) return window.length === offsetMax + mark.length ? "far" : "waiting";
    this.#bytes = this.#bytes.subarray(at + mark.length);
    return "found";
  }
}
