// bzip2: blocks of at most 900 kB, each sorted (Burrows and Wheeler) and Huffman-coded. After the format's only public
// description, the reference decoder of Julian Seward. Check sums are not verified, as with xz.

import type { Source } from "../source.ts";
import { BrokenContainer, type Container, fill, UnopenedFormat } from "./container.ts";
import { startsWith } from "./gzip.ts";
import { type Bits, HuffmanTable, LENGTH_MAX } from "./huffman.ts";
import { Cursor } from "./xz.ts";

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const GROUP_SYMBOLS = 50;
const RUN_A = 0;
const RUN_B = 1;

export const BZIP2: Container = {
  name: "bzip2",
  recognises: (source) => startsWith(source, [0x42, 0x5a, 0x68]),
  async open(source, opening) {
    using spool = opening.spool();
    await fill(spool, opening.budget, unpackBzip2(source));
    using content = spool.source();
    const name = opening.name.replace(/\.(bz2|bz)$/iu, "").replace(/\.(tbz2?|tb2)$/iu, ".tar") || "content";
    await opening.member({ name, content });
  },
};

/** All streams of the file one after another. */
export function* unpackBzip2(source: Source): Generator<Uint8Array> {
  const cursor = new Cursor(source);
  while (!cursor.atEnd()) {
    const bits = new BitReader(cursor);
    const level = bits.take(24) === 0x425a68 ? bits.take(8) - 0x30 : 0;
    if (level < 1 || level > 9) throw new BrokenContainer("Something that is not bzip2 follows the bzip2 data.");
    for (;;) {
      const magic = bits.take(24) * 2 ** 24 + bits.take(24);
      bits.take(16);
      bits.take(16);
      if (magic === END_MAGIC) break;
      if (magic !== BLOCK_MAGIC) throw new BrokenContainer("A block of the bzip2 data is damaged.");
      yield unpackBlock(bits, level * 100_000);
    }
    bits.giveBack();
  }
}

/** Most significant bit first, at most 24 at once. What is left of the last byte belongs to nothing. */
class BitReader implements Bits {
  readonly #cursor: Cursor;
  #held = 0;
  #count = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  peek(count: number): number {
    while (this.#count < count) {
      // Behind the end stand zeros for a while: the last code may be shorter than what is looked at.
      this.#held = (this.#held << 8) | this.#cursor.byteOrZero();
      this.#count += 8;
    }
    return (this.#held >>> (this.#count - count)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#count -= count;
  }

  take(count: number): number {
    const value = this.peek(count);
    this.#count -= count;
    return value;
  }

  bit(): number {
    return this.take(1);
  }

  /** Whole bytes that were read ahead belong to what follows. */
  giveBack(): void {
    this.#cursor.at -= this.#count >> 3;
    this.#count = 0;
  }
}

function unpackBlock(bits: BitReader, bytesMax: number): Uint8Array {
  // Given up by bzip2 itself in 1996; no program writes it.
  if (bits.bit() === 1)
    throw new UnopenedFormat("It is packed with a form of bzip2 that has been out of use since 1996.");
  const origin = bits.take(24);
  const symbols = usedSymbols(bits);
  const groups = bits.take(3);
  const selectors = readSelectors(bits, groups);
  const tables = Array.from({ length: groups }, () => new HuffmanTable(readLengths(bits, symbols.length + 2)));
  const sorted = readSorted(bits, { symbols, selectors, tables, bytesMax });
  if (origin >= sorted.length) throw new BrokenContainer("A block of the bzip2 data is damaged.");
  return withoutRuns(unsorted(sorted, origin));
}

function usedSymbols(bits: BitReader): number[] {
  const rows = bits.take(16);
  const symbols: number[] = [];
  for (let row = 0; row < 16; row += 1) {
    if ((rows & (0x8000 >> row)) === 0) continue;
    const columns = bits.take(16);
    for (let column = 0; column < 16; column += 1) {
      if ((columns & (0x8000 >> column)) !== 0) symbols.push(row * 16 + column);
    }
  }
  if (symbols.length === 0) throw new BrokenContainer("A block of the bzip2 data is damaged.");
  return symbols;
}

function readSelectors(bits: BitReader, groups: number): Uint8Array {
  const count = bits.take(15);
  if (groups < 2 || groups > 6 || count === 0) throw new BrokenContainer("A table of the bzip2 data is damaged.");
  const order = Uint8Array.from({ length: groups }, (_, index) => index);
  return Uint8Array.from({ length: count }, () => {
    let place = 0;
    while (bits.bit() === 1) {
      place += 1;
      if (place >= groups) throw new BrokenContainer("A table of the bzip2 data is damaged.");
    }
    return toFront(order, place);
  });
}

function readLengths(bits: BitReader, count: number): number[] {
  let length = bits.take(5);
  return Array.from({ length: count }, () => {
    while (bits.bit() === 1) {
      length += bits.bit() === 0 ? 1 : -1;
      if (length < 1 || length > LENGTH_MAX) throw new BrokenContainer("A table of the bzip2 data is damaged.");
    }
    if (length < 1 || length > LENGTH_MAX) throw new BrokenContainer("A table of the bzip2 data is damaged.");
    return length;
  });
}

type Coded = {
  readonly symbols: readonly number[];
  readonly selectors: Uint8Array;
  readonly tables: readonly HuffmanTable[];
  readonly bytesMax: number;
};

/** The last column of the sorted block: Huffman codes, runs of zeros, move-to-front. */
function readSorted(bits: BitReader, coded: Coded): Uint8Array {
  const { symbols, selectors, tables, bytesMax } = coded;
  const out = new Uint8Array(bytesMax);
  const order = Uint8Array.from(symbols);
  const endOfBlock = symbols.length + 1;
  let at = 0;
  let run = 0;
  let weight = 1;
  for (let group = 0; ; group += 1) {
    const table = tables[selectors[group] ?? -1];
    if (!table) throw new BrokenContainer("A block of the bzip2 data is damaged.");
    for (let left = GROUP_SYMBOLS; left > 0; left -= 1) {
      const symbol = table.decode(bits);
      if (symbol === RUN_A || symbol === RUN_B) {
        run += weight << symbol;
        weight *= 2;
        if (run > bytesMax) throw new BrokenContainer("A block of the bzip2 data is too long.");
        continue;
      }
      if (at + run >= bytesMax + (symbol === endOfBlock ? 1 : 0)) {
        throw new BrokenContainer("A block of the bzip2 data is too long.");
      }
      out.fill(order[0] ?? 0, at, at + run);
      at += run;
      run = 0;
      weight = 1;
      if (symbol === endOfBlock) return out.subarray(0, at);
      out[at] = toFront(order, symbol - 1);
      at += 1;
    }
  }
}

/** Burrows and Wheeler backwards. */
function unsorted(sorted: Uint8Array, origin: number): Uint8Array {
  const begins = new Uint32Array(257);
  for (const byte of sorted) begins[byte + 1] = (begins[byte + 1] ?? 0) + 1;
  for (let byte = 1; byte <= 256; byte += 1) begins[byte] = (begins[byte] ?? 0) + (begins[byte - 1] ?? 0);
  const next = new Uint32Array(sorted.length);
  for (const [index, byte] of sorted.entries()) {
    const place = begins[byte] ?? 0;
    next[place] = index;
    begins[byte] = place + 1;
  }
  const plain = new Uint8Array(sorted.length);
  let at = next[origin] ?? 0;
  for (let index = 0; index < plain.length; index += 1) {
    plain[index] = sorted[at] ?? 0;
    at = next[at] ?? 0;
  }
  return plain;
}

/** After four equal bytes comes how many more of them there are. */
function withoutRuns(plain: Uint8Array): Uint8Array {
  let bytes = 0;
  eachRun(plain, (_, count) => (bytes += count));
  const out = new Uint8Array(bytes);
  let at = 0;
  eachRun(plain, (byte, count) => {
    out.fill(byte, at, at + count);
    at += count;
  });
  return out;
}

function eachRun(plain: Uint8Array, take: (byte: number, count: number) => void): void {
  for (let at = 0; at < plain.length; ) {
    const byte = plain[at] ?? 0;
    let same = 1;
    while (same < 4 && plain[at + same] === byte) same += 1;
    at += same;
    if (same < 4) take(byte, same);
    else {
      take(byte, 4 + (plain[at] ?? 0));
      at += 1;
    }
  }
}

/** Takes the entry out of its place, puts it first and returns it. */
function toFront(order: Uint8Array, place: number): number {
  const value = order[place];
  if (value === undefined) throw new BrokenContainer("A block of the bzip2 data is damaged.");
  order.copyWithin(1, 0, place);
  order[0] = value;
  return value;
}
