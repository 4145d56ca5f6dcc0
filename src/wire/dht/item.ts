// Items that the hash table keeps for others (BEP 44): bytes that nobody can change, named by their hash, or by the key of
// whoever may change them.

import { createPublicKey, verify } from "node:crypto";
import { sha1 } from "../../domain/metainfo/piece-hash.ts";
import { decode } from "../bencode/decode.ts";
import { type BencodeInput, encode } from "../bencode/encode.ts";
import type { BencodeDict } from "../bencode/value.ts";

const ITEM_VALUE_BYTES_MAX = 1000;
const ITEM_SALT_BYTES_MAX = 64;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

export type DhtItem = {
  /** As bencoded. */
  readonly value: Uint8Array;
  /** Absent: the value is its own name. */
  readonly mutable: ItemAuthor | undefined;
};

export type ItemAuthor = {
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  readonly sequence: number;
  readonly signature: Uint8Array;
};

export type ItemFault = "protocol" | "valueTooBig" | "saltTooBig";

/** From the arguments of a put, or the reply to a get. Whether the signature is right is not looked at. */
export function readItem(fields: BencodeDict): DhtItem | ItemFault {
  const given = fields.get("v");
  if (given === undefined) return "protocol";
  const value = encode(given);
  if (value.length > ITEM_VALUE_BYTES_MAX) return "valueTooBig";
  const key = fields.bytes("k");
  if (key === undefined) return { value, mutable: undefined };
  const salt = fields.bytes("salt") ?? new Uint8Array(0);
  // H69: before anything is computed from it.
  if (salt.length > ITEM_SALT_BYTES_MAX) return "saltTooBig";
  const sequence = fields.integer("seq");
  const signature = fields.bytes("sig");
  const isWhole = key.length === KEY_BYTES && signature?.length === SIGNATURE_BYTES;
  if (!isWhole || sequence === undefined || sequence < 0) return "protocol";
  return { value, mutable: { key: Uint8Array.from(key), salt: Uint8Array.from(salt), sequence, signature } };
}

/** The fields of an item in a message. */
export function itemFields({ value, mutable }: DhtItem): Readonly<Record<string, BencodeInput | undefined>> {
  const decoded = decode(value);
  const v = decoded.ok ? decoded.value : undefined;
  if (mutable === undefined) return { v };
  const { key, salt, sequence, signature } = mutable;
  return { v, k: key, salt: salt.length > 0 ? salt : undefined, seq: sequence, sig: signature };
}

/** The 20 bytes under which an item is kept. */
export function itemTarget({ value, mutable }: DhtItem): Uint8Array {
  return sha1(mutable === undefined ? value : Buffer.concat([mutable.key, mutable.salt]));
}

/** What the author signs: salt, sequence number and value, as they would stand in a dictionary without its borders. */
export function signedBytes(value: Uint8Array, { salt, sequence }: Pick<ItemAuthor, "salt" | "sequence">): Uint8Array {
  const salted = salt.length === 0 ? [] : [Buffer.from(`4:salt${salt.length}:`, "latin1"), salt];
  return Buffer.concat([...salted, Buffer.from(`3:seqi${sequence}e1:v`, "latin1"), value]);
}

/** Always so for what is its own name. */
export function isSigned({ value, mutable }: DhtItem): boolean {
  if (mutable === undefined) return true;
  const x = Buffer.from(mutable.key).toString("base64url");
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, signedBytes(value, mutable), key, mutable.signature);
  } catch {
    // 32 bytes that are no point of the curve.
    return false;
  }
}
