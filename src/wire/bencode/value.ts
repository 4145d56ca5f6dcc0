// The four kinds of bencoded value. Keys are byte strings: they are kept as latin1 text, one character a byte, so that
// comparing keys compares bytes, and a key such as `__proto__` is only another entry of a Map.

/** An integer is a number where that is exact (up to 2^53 - 1), else a bigint (up to int64). */
export type BencodeValue = number | bigint | Uint8Array | readonly BencodeValue[] | BencodeDict;

type RawSpan = { readonly source: Uint8Array; readonly beginBytes: number; readonly endBytes: number };

export class BencodeDict {
  readonly #entries: ReadonlyMap<string, BencodeValue>;
  readonly #span: RawSpan;

  constructor(entries: ReadonlyMap<string, BencodeValue>, span: RawSpan) {
    this.#entries = entries;
    this.#span = span;
  }

  /** The bytes that the dictionary was decoded from, `d` to `e`: a view, not a copy. */
  get raw(): Uint8Array {
    return this.#span.source.subarray(this.#span.beginBytes, this.#span.endBytes);
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): BencodeValue | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<[string, BencodeValue]> {
    return this.#entries.entries();
  }

  /** The number at the key; undefined when it is absent, of another kind, or not exact as a number. */
  integer(key: string): number | undefined {
    const value = this.#entries.get(key);
    return typeof value === "number" ? value : undefined;
  }

  bytes(key: string): Uint8Array | undefined {
    const value = this.#entries.get(key);
    return value instanceof Uint8Array ? value : undefined;
  }

  list(key: string): readonly BencodeValue[] | undefined {
    const value = this.#entries.get(key);
    return isList(value) ? value : undefined;
  }

  dict(key: string): BencodeDict | undefined {
    const value = this.#entries.get(key);
    return value instanceof BencodeDict ? value : undefined;
  }

  /** The text at the key; undefined when it is absent, of another kind, or not UTF-8. */
  text(key: string): string | undefined {
    const value = this.bytes(key);
    return value && utf8(value);
  }
}

export function isList(value: BencodeValue | undefined): value is readonly BencodeValue[] {
  return Array.isArray(value);
}

const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text from bytes; undefined when they are not well-formed UTF-8 (overlong forms and surrogates included). */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A text as a dictionary key: the bytes of its UTF-8, one character each. */
export function keyOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The bytes of a dictionary key. */
export function keyBytes(key: string): Uint8Array {
  return Buffer.from(key, "latin1");
}
