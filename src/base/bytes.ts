// Small operations on bytes that the standard library spells awkwardly.

/** Lowercase hexadecimal, two characters a byte. */
export function toHex(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("hex");
}

/** The bytes of an even-length hexadecimal text; undefined for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, "hex"));
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return asBuffer(a).equals(b);
}

/** Byte order, as BEP 3 sorts dictionary keys: not by UTF-16 code units. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** A Buffer over the same memory: no copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Copies `from` to `to` of the source to `at` of the target, at memory speed into and out of shared memory too. Node hands
 * the copy of a whole source to the language, which takes shared memory word by word: so it never sees the whole.
 */
export function copyBytes(source: Buffer, from: number, to: number, target: Buffer, at: number): void {
  if (from > 0 || to < source.length) {
    source.copy(target, at, from, to);
  } else if (to > 0) {
    target[at] = source[0] ?? 0;
    source.copy(target, at + 1, 1, to);
  }
}
