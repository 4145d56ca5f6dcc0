// Bytes to values, strictly: one value has one encoding, so that what was hashed is what was understood (BEP 3).

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { BencodeDict, type BencodeValue } from "./value.ts";

export type BencodeCode =
  | "metainfo.bencode_truncated"
  | "metainfo.bencode_malformed"
  | "metainfo.bencode_integer_noncanonical"
  | "metainfo.bencode_integer_overflow"
  | "metainfo.bencode_length_overflow"
  | "metainfo.bencode_keys_unsorted"
  | "metainfo.bencode_key_repeated"
  | "metainfo.bencode_trailing"
  | "metainfo.bencode_depth_exceeded"
  | "metainfo.bencode_tokens_exceeded"
  | "metainfo.bencode_size_exceeded";

export type BencodeLimits = {
  readonly bytesMax: number;
  /** Lists and dictionaries inside one another. */
  readonly depthMax: number;
  /** Values and keys together. */
  readonly tokensMax: number;
};

/** For torrent files (HOSTILE A 1, 2, 11). Messages of peers and trackers bring smaller ones. */
export const TORRENT_LIMITS: BencodeLimits = { bytesMax: 10_000_000, depthMax: 100, tokensMax: 3_000_000 };

export type DecodeOptions = {
  readonly limits?: BencodeLimits;
  /**
   * Trackers and clients in the wild send unsorted dictionaries in messages whose bytes nobody hashes: there the order may
   * be accepted. A repeated key is refused always, because two readers could each believe another half.
   */
  readonly keyOrder?: KeyOrder;
};

/**
 * Where keys must be sorted. Old clients wrote the entries of a torrent's list of files in any order, and those torrents are
 * still about: a dictionary that stands directly in a list may be excused.
 */
export type KeyOrder = "strict" | "strict-outside-lists" | "any";

export type BencodeResult<T> = Result<T, Failure<BencodeCode>>;

/** The one value that fills `bytes` to the end. Byte strings are views into `bytes`. Failures carry `offset`. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): BencodeResult<BencodeValue> {
  const prefix = decodePrefix(bytes, options);
  if (!prefix.ok) return prefix;
  const { value, endBytes } = prefix.value;
  if (endBytes < bytes.length) return err(failure("metainfo.bencode_trailing", { offset: endBytes }));
  return ok(value);
}

/** The first value in `bytes` and where it ends: messages of BEP 9 carry raw bytes behind their dictionary. */
export function decodePrefix(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): BencodeResult<{ readonly value: BencodeValue; readonly endBytes: number }> {
  const limits = options.limits ?? TORRENT_LIMITS;
  if (bytes.length > limits.bytesMax) {
    return err(failure("metainfo.bencode_size_exceeded", { bytes: bytes.length, bytesMax: limits.bytesMax }));
  }
  const reader = new Reader(bytes, limits, options.keyOrder ?? "strict");
  const value = reader.value(0, false);
  if (value === undefined) return err(failure(reader.fault, { offset: reader.at }));
  return ok({ value, endBytes: reader.at });
}

const I = 0x69;
const L = 0x6c;
const D = 0x64;
const E = 0x65;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
// Shared, so that a hostile list of millions of empty values stays cheap.
const NO_BYTES = new Uint8Array(0);
const NO_ENTRIES: ReadonlyMap<string, BencodeValue> = new Map();
/** More digits than int64 has, sign excluded. */
const INTEGER_DIGITS_MAX = 19;
/** No message that we read is longer than ten digits say. */
const LENGTH_DIGITS_MAX = 10;

// `undefined` is the one way out on a fault: exceptions would cost more than the parse itself on hostile input.
class Reader {
  at = 0;
  fault: BencodeCode = "metainfo.bencode_malformed";
  readonly #bytes: Uint8Array;
  readonly #latin1: Buffer;
  readonly #limits: BencodeLimits;
  readonly #keyOrder: KeyOrder;
  #tokens = 0;

  constructor(bytes: Uint8Array, limits: BencodeLimits, keyOrder: KeyOrder) {
    this.#bytes = bytes;
    this.#latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limits = limits;
    this.#keyOrder = keyOrder;
  }

  value(depth: number, inList: boolean): BencodeValue | undefined {
    if (++this.#tokens > this.#limits.tokensMax) return this.#fail("metainfo.bencode_tokens_exceeded");
    const first = this.#bytes[this.at];
    if (first === undefined) return this.#fail("metainfo.bencode_truncated");
    if (first === I) return this.#integer();
    if (first >= ZERO && first <= NINE) return this.#string();
    if (first !== L && first !== D) return this.#fail("metainfo.bencode_malformed");
    if (depth >= this.#limits.depthMax) return this.#fail("metainfo.bencode_depth_exceeded");
    return first === L ? this.#list(depth + 1) : this.#dict(depth + 1, inList);
  }

  #fail(code: BencodeCode): undefined {
    this.fault = code;
    return undefined;
  }

  #integer(): number | bigint | undefined {
    this.at++;
    const negative = this.#bytes[this.at] === MINUS;
    if (negative) this.at++;
    const begin = this.at;
    const small = this.#digits(INTEGER_DIGITS_MAX, "metainfo.bencode_integer_overflow");
    if (small === undefined) return undefined;
    const zeroFirst = this.#bytes[begin] === ZERO;
    if (zeroFirst && (negative || this.at - begin > 1)) {
      this.at = begin;
      return this.#fail("metainfo.bencode_integer_noncanonical");
    }
    if (!this.#expect(E)) return undefined;
    if (small <= Number.MAX_SAFE_INTEGER) return negative ? -small : small;
    const digits = BigInt(this.#latin1.toString("latin1", begin, this.at - 1));
    const exact = negative ? -digits : digits;
    if (exact >= INT64_MIN && exact <= INT64_MAX) return exact;
    return this.#fail("metainfo.bencode_integer_overflow");
  }

  /** At least one digit. The value is exact only up to 2^53 - 1. */
  #digits(digitsMax: number, tooMany: BencodeCode): number | undefined {
    const begin = this.at;
    let value = 0;
    for (;;) {
      const byte = this.#bytes[this.at];
      if (byte === undefined || byte < ZERO || byte > NINE) break;
      if (this.at - begin >= digitsMax) return this.#fail(tooMany);
      value = value * 10 + (byte - ZERO);
      this.at++;
    }
    if (this.at > begin) return value;
    return this.#fail(this.at >= this.#bytes.length ? "metainfo.bencode_truncated" : "metainfo.bencode_malformed");
  }

  #expect(wanted: number): boolean {
    const byte = this.#bytes[this.at];
    if (byte === wanted) {
      this.at++;
      return true;
    }
    this.#fail(byte === undefined ? "metainfo.bencode_truncated" : "metainfo.bencode_malformed");
    return false;
  }

  /** Leaves `at` behind the string; gives where it begins. */
  #stringBegin(): number | undefined {
    const begin = this.at;
    const length = this.#digits(LENGTH_DIGITS_MAX, "metainfo.bencode_length_overflow");
    if (length === undefined) return undefined;
    if (this.#bytes[begin] === ZERO && this.at - begin > 1) {
      this.at = begin;
      return this.#fail("metainfo.bencode_integer_noncanonical");
    }
    if (!this.#expect(COLON)) return undefined;
    if (length > this.#bytes.length - this.at) return this.#fail("metainfo.bencode_truncated");
    const stringBegin = this.at;
    this.at += length;
    return stringBegin;
  }

  #string(): Uint8Array | undefined {
    const begin = this.#stringBegin();
    if (begin === undefined) return undefined;
    return begin === this.at ? NO_BYTES : this.#bytes.subarray(begin, this.at);
  }

  #list(depth: number): BencodeValue[] | undefined {
    this.at++;
    const list: BencodeValue[] = [];
    while (this.#bytes[this.at] !== E) {
      const value = this.value(depth, true);
      if (value === undefined) return undefined;
      list.push(value);
    }
    this.at++;
    return list;
  }

  #dict(depth: number, inList: boolean): BencodeDict | undefined {
    const beginBytes = this.at++;
    if (this.#bytes[this.at] === E) {
      this.at++;
      return new BencodeDict(NO_ENTRIES, { source: this.#bytes, beginBytes, endBytes: this.at });
    }
    const entries = new Map<string, BencodeValue>();
    const sorted = this.#keyOrder === "strict" || (this.#keyOrder === "strict-outside-lists" && !inList);
    let previous: string | undefined;
    while (this.#bytes[this.at] !== E) {
      const key = this.#key(entries, sorted ? previous : undefined);
      if (key === undefined) return undefined;
      const value = this.value(depth, false);
      if (value === undefined) return undefined;
      entries.set(key, value);
      previous = key;
    }
    this.at++;
    return new BencodeDict(entries, { source: this.#bytes, beginBytes, endBytes: this.at });
  }

  #key(entries: ReadonlyMap<string, BencodeValue>, previous: string | undefined): string | undefined {
    if (++this.#tokens > this.#limits.tokensMax) return this.#fail("metainfo.bencode_tokens_exceeded");
    const keyAt = this.at;
    const begin = this.#stringBegin();
    if (begin === undefined) return undefined;
    const key = this.#latin1.toString("latin1", begin, this.at);
    const repeated = entries.has(key);
    if (!repeated && (previous === undefined || key > previous)) return key;
    this.at = keyAt;
    return this.#fail(repeated ? "metainfo.bencode_key_repeated" : "metainfo.bencode_keys_unsorted");
  }
}
