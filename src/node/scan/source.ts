// Bytes that can be read at any place: a file in quarantine, or what was unpacked from it.

import { readSync } from "node:fs";
import { assert } from "../../base/assert.ts";

export interface Source {
  readonly bytes: number;
  /** Up to `lengthBytes` from `beginBytes`; shorter only at the end. The memory may be shared: do not write to it. */
  read(place: { readonly beginBytes: number; readonly lengthBytes: number }): Uint8Array;
}

/** What is held open or held in memory; released by its owner. */
export interface OwnedSource extends Source, Disposable {}

export class MemorySource implements OwnedSource {
  readonly #content: Uint8Array;
  constructor(content: Uint8Array) {
    this.#content = content;
  }
  get bytes(): number {
    return this.#content.length;
  }
  read(place: { readonly beginBytes: number; readonly lengthBytes: number }): Uint8Array {
    return this.#content.subarray(place.beginBytes, place.beginBytes + place.lengthBytes);
  }
  [Symbol.dispose](): void {}
}

/** Reads synchronously: it lives in the scanning worker, which has nothing else to do. */
export class FileSource implements Source {
  readonly bytes: number;
  readonly #fd: number;
  constructor(fd: number, bytes: number) {
    this.#fd = fd;
    this.bytes = bytes;
  }
  read(place: { readonly beginBytes: number; readonly lengthBytes: number }): Uint8Array {
    const length = Math.max(0, Math.min(place.lengthBytes, this.bytes - place.beginBytes));
    const into = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#fd, into, done, length - done, place.beginBytes + done);
      // The file became shorter while it was read: what was hashed is not what is there.
      assert(count > 0, "the file kept its size during the scan");
      done += count;
    }
    return into;
  }
}

/** A part of another source, for example one stored member of an archive: nothing is copied. */
export class SliceSource implements Source {
  readonly bytes: number;
  readonly #whole: Source;
  readonly #beginBytes: number;
  constructor(whole: Source, beginBytes: number, bytes: number) {
    assert(beginBytes >= 0 && bytes >= 0 && beginBytes + bytes <= whole.bytes, "a slice lies within its source");
    this.#whole = whole;
    this.#beginBytes = beginBytes;
    this.bytes = bytes;
  }
  read(place: { readonly beginBytes: number; readonly lengthBytes: number }): Uint8Array {
    const lengthBytes = Math.max(0, Math.min(place.lengthBytes, this.bytes - place.beginBytes));
    return this.#whole.read({ beginBytes: this.#beginBytes + place.beginBytes, lengthBytes });
  }
}

/** The source from `beginBytes` on in pieces of 256 KiB. */
export function* chunksOf(source: Source, beginBytes = 0): Generator<Uint8Array> {
  const lengthBytes = 256 * 1024;
  for (let at = beginBytes; at < source.bytes; at += lengthBytes) yield source.read({ beginBytes: at, lengthBytes });
}
