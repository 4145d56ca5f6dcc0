// LZMA2 after the reference (LZMA SDK, "LZMA specification" by Igor Pavlov): chunks of at most 64 KiB packed and
// 2 MiB unpacked, so that each chunk is decoded from memory. One of the few hot loops here: plain numbers and arrays.

import { BrokenContainer } from "./container.ts";
import { LzmaState } from "./lzma.ts";

export interface ByteReader {
  byte(): number;
  take(count: number): Uint8Array;
}

const CHUNK_UNPACKED_BYTES_MAX = 2 * 1024 * 1024;

export class Lzma2 {
  readonly #dictionaryBytes: number;
  #window: Uint8Array;
  #end = 0;
  #begin = 0;
  #position = 0;

  constructor(dictionaryBytes: number) {
    this.#dictionaryBytes = dictionaryBytes;
    // Small to begin with: the header's dictionary size is a claim, and most files need far less.
    this.#window = new Uint8Array(Math.min(2 * dictionaryBytes, CHUNK_UNPACKED_BYTES_MAX) + CHUNK_UNPACKED_BYTES_MAX);
  }

  /** Yields what was unpacked; each part is valid only until the next. */
  *unpack(input: ByteReader): Generator<Uint8Array> {
    const state = new LzmaState();
    let ready = false;
    for (;;) {
      const control = input.byte();
      if (control === 0) return;
      if (control >= 0x80) {
        const unpackedBytes = ((control & 0x1f) << 16) + (input.byte() << 8) + input.byte() + 1;
        const packedBytes = (input.byte() << 8) + input.byte() + 1;
        const reset = (control >> 5) & 3;
        if (reset === 3) this.#resetDictionary();
        if (reset >= 2 && !state.setProperties(input.byte())) throw new BrokenContainer("LZMA properties are wrong.");
        if (reset >= 1) state.reset();
        ready ||= reset >= 2;
        if (!ready) throw new BrokenContainer("The LZMA data begins in the middle.");
        this.#makeRoom(unpackedBytes);
        const packed = input.take(packedBytes);
        const into = {
          window: this.#window,
          at: this.#end,
          endBytes: this.#end + unpackedBytes,
          floor: this.#begin,
          position: this.#position,
        };
        if (!state.decode(packed, into)) throw new BrokenContainer("The LZMA data is damaged.");
        yield this.#advance(unpackedBytes);
      } else if (control <= 2) {
        const bytes = (input.byte() << 8) + input.byte() + 1;
        if (control === 1) this.#resetDictionary();
        this.#makeRoom(bytes);
        this.#window.set(input.take(bytes), this.#end);
        yield this.#advance(bytes);
      } else throw new BrokenContainer("An LZMA2 control byte is wrong.");
    }
  }

  #resetDictionary(): void {
    this.#begin = this.#end;
    this.#position = 0;
  }

  #advance(bytes: number): Uint8Array {
    this.#end += bytes;
    this.#position += bytes;
    return this.#window.subarray(this.#end - bytes, this.#end);
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#window.length) return;
    const keptBytes = Math.min(this.#end - this.#begin, this.#dictionaryBytes);
    const from = this.#end - keptBytes;
    const wantedBytes = Math.min(2 * keptBytes, 2 * this.#dictionaryBytes) + CHUNK_UNPACKED_BYTES_MAX;
    if (wantedBytes > this.#window.length) {
      const larger = new Uint8Array(wantedBytes);
      larger.set(this.#window.subarray(from, this.#end));
      this.#window = larger;
    } else this.#window.copyWithin(0, from, this.#end);
    this.#begin = 0;
    this.#end = keptBytes;
  }
}
