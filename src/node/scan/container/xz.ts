// xz: blocks of LZMA2, as Debian packages and most source archives are packed. Check values are not verified: a
// stream that others would call damaged is still scanned as far as it unpacks.

import type { Source } from "../source.ts";
import { BrokenContainer, type Container, fill, type Opening, UnopenedFormat } from "./container.ts";
import { startsWith } from "./gzip.ts";
import { Lzma2 } from "./lzma2.ts";

const STREAM_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const STREAM_HEADER_BYTES = 12;
const STREAM_FOOTER_BYTES = 12;
const FILTER_LZMA2 = 0x21;
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

export const XZ: Container = {
  name: "xz",
  recognises: (source) => startsWith(source, STREAM_MAGIC),
  async open(source, opening) {
    using spool = opening.spool();
    await fill(spool, opening.budget, unpackXz(source, opening.budget.limits.dictionaryBytesMax));
    using content = spool.source();
    await opening.member({ name: nameInside(opening), content });
  },
};

function nameInside(opening: Opening): string {
  return opening.name.replace(/\.xz$/iu, "").replace(/\.txz$/iu, ".tar") || "content";
}

/** All streams of the file one after another; between them only zero padding is allowed. */
export function* unpackXz(source: Source, dictionaryBytesMax: number): Generator<Uint8Array> {
  const cursor = new Cursor(source);
  while (!cursor.atEnd()) {
    const head = cursor.take(4);
    if (head.every((byte) => byte === 0)) continue;
    const rest = cursor.take(STREAM_HEADER_BYTES - 4);
    if (!STREAM_MAGIC.every((byte, index) => (index < 4 ? head[index] : rest[index - 4]) === byte)) {
      throw new BrokenContainer("Something that is not xz follows the xz data.");
    }
    const checkBytes = CHECK_BYTES[(rest[3] ?? 0) & 0x0f] ?? 0;
    yield* unpackStream(cursor, checkBytes, dictionaryBytesMax);
  }
}

function* unpackStream(cursor: Cursor, checkBytes: number, dictionaryBytesMax: number): Generator<Uint8Array> {
  for (;;) {
    const begin = cursor.at;
    const size = cursor.byte();
    if (size === 0) break;
    const dictionaryBytes = blockDictionary(cursor.take(size * 4 + 3));
    if (dictionaryBytes > dictionaryBytesMax)
      throw new UnopenedFormat("It is packed with an xz dictionary too large for the built-in scanner.");
    const decoder = new Lzma2(dictionaryBytes);
    yield* decoder.unpack(cursor);
    cursor.take((4 - ((cursor.at - begin) % 4)) % 4);
    cursor.take(checkBytes);
  }
  skipIndex(cursor);
  cursor.take(STREAM_FOOTER_BYTES);
}

// Block header without its size byte: flags, optional sizes, filters, padding, CRC32.
function blockDictionary(header: Uint8Array): number {
  const flags = header[0] ?? 0;
  let at = 1;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 9; shift += 1) {
      const byte = header[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * 2 ** (7 * shift);
      if ((byte & 0x80) === 0) return value;
    }
    throw new BrokenContainer("A number in the xz header is too long.");
  };
  if ((flags & 0x40) !== 0) varint();
  if ((flags & 0x80) !== 0) varint();
  const id = varint();
  const propertyBytes = varint();
  // Branch filters (x86, ARM, delta) come before LZMA2; two filters need two passes, which this reader does not do.
  if ((flags & 0x03) !== 0 || id !== FILTER_LZMA2 || propertyBytes !== 1) {
    throw new UnopenedFormat("It is packed with an xz filter that the built-in scanner does not open.");
  }
  const bits = header[at] ?? 0;
  if (bits > 40) throw new BrokenContainer("The xz dictionary size is impossible.");
  return bits === 40 ? 0xffffffff : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
}

function skipIndex(cursor: Cursor): void {
  const begin = cursor.at - 1;
  const records = cursor.varint();
  if (records > 1_000_000) throw new BrokenContainer("The xz index is impossible.");
  for (let record = 0; record < records; record += 1) {
    cursor.varint();
    cursor.varint();
  }
  cursor.take((4 - ((cursor.at - begin) % 4)) % 4);
  cursor.take(4);
}

/** Reads forward through a source in buffered steps; past the end is a broken container. */
export class Cursor {
  readonly #source: Source;
  #buffer: Uint8Array = new Uint8Array(0);
  #bufferAt = 0;
  at = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  atEnd(): boolean {
    return this.at >= this.#source.bytes;
  }

  byte(): number {
    if (this.at < this.#bufferAt || this.at >= this.#bufferAt + this.#buffer.length) {
      this.#buffer = this.#source.read({ beginBytes: this.at, lengthBytes: 256 * 1024 });
      this.#bufferAt = this.at;
    }
    const value = this.#buffer[this.at - this.#bufferAt];
    if (value === undefined) throw new BrokenContainer("The compressed data ends too early.");
    this.at += 1;
    return value;
  }

  /** For readers that look ahead: at most eight zeros stand behind the end. */
  byteOrZero(): number {
    if (!this.atEnd()) return this.byte();
    this.at += 1;
    if (this.at > this.#source.bytes + 8) throw new BrokenContainer("The compressed data ends too early.");
    return 0;
  }

  take(count: number): Uint8Array {
    const begin = this.at - this.#bufferAt;
    this.at += count;
    if (begin >= 0 && begin + count <= this.#buffer.length) return this.#buffer.subarray(begin, begin + count);
    const taken = this.#source.read({ beginBytes: this.at - count, lengthBytes: count });
    if (taken.length < count) throw new BrokenContainer("The compressed data ends too early.");
    return taken;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 9; shift += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * shift);
      if ((byte & 0x80) === 0) return value;
    }
    throw new BrokenContainer("A number in the xz data is too long.");
  }
}
