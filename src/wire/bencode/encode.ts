// Values to bytes, in the one canonical form: sorted keys, no leading zeros (BEP 3).

import { assert } from "../../base/assert.ts";
import { BencodeDict } from "./value.ts";

/**
 * What can be encoded. A text is written as UTF-8. A Map's keys are byte strings (`keyOf`); a record's keys are ASCII names
 * of our own, and its undefined entries are left out. A decoded dictionary keeps its own bytes.
 */
export type BencodeInput =
  | number
  | bigint
  | string
  | Uint8Array
  | readonly BencodeInput[]
  | ReadonlyMap<string, BencodeInput>
  | BencodeDict
  | { readonly [key: string]: BencodeInput | undefined };

export function encode(value: BencodeInput): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return new Uint8Array(Buffer.concat(parts));
}

function write(value: BencodeInput, parts: Uint8Array[]): void {
  if (typeof value === "number" || typeof value === "bigint") {
    assert(typeof value === "bigint" || Number.isSafeInteger(value), "an encoded number is an exact integer");
    // `-0` prints as "0", which is canonical.
    parts.push(ascii(`i${value}e`));
  } else if (typeof value === "string") {
    writeString(Buffer.from(value, "utf8"), parts);
  } else if (value instanceof Uint8Array) {
    writeString(value, parts);
  } else if (value instanceof BencodeDict) {
    parts.push(value.raw);
  } else if (isInputList(value)) {
    parts.push(ascii("l"));
    for (const item of value) write(item, parts);
    parts.push(ascii("e"));
  } else {
    writeDict(value instanceof Map ? value : new Map(Object.entries(value)), parts);
  }
}

function writeDict(entries: ReadonlyMap<string, BencodeInput | undefined>, parts: Uint8Array[]): void {
  parts.push(ascii("d"));
  // Keys hold one byte a character, so the order of code units is the order of bytes.
  for (const key of [...entries.keys()].sort()) {
    const value = entries.get(key);
    if (value === undefined) continue;
    assert(!/[^\0-\xff]/.test(key), "a key holds one byte a character");
    writeString(Buffer.from(key, "latin1"), parts);
    write(value, parts);
  }
  parts.push(ascii("e"));
}

function writeString(bytes: Uint8Array, parts: Uint8Array[]): void {
  parts.push(ascii(`${bytes.length}:`), bytes);
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

function isInputList(value: BencodeInput): value is readonly BencodeInput[] {
  return Array.isArray(value);
}
