// Names of things that nobody can guess or count, and tokens that open something.

import { createHash } from "node:crypto";
import { Secret } from "../base/secret.ts";
import type { Entropy } from "../world/entropy.ts";

export type IdentifierKind = "P" | "D" | "T" | "G" | "X" | "C";

// Crockford's alphabet: no I, L, O, U, so that an id survives being read aloud.
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_CHARACTERS = 14;

/** `G-…`: 70 random bits. */
export function newIdentifier(entropy: Entropy, kind: IdentifierKind): string {
  const characters = Array.from(entropy.bytes(ID_CHARACTERS), (byte) => ALPHABET[byte & 31]);
  return `${kind}-${characters.join("")}`;
}

/** 256 random bits in base64url. */
export function newToken(entropy: Entropy): Secret {
  return new Secret(Buffer.from(entropy.bytes(32)).toString("base64url"));
}

/** What the database keeps of a token. */
export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
