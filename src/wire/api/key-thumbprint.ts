// RFC 7638: the name of a key that everybody computes alike, whoever made the key.

import { createHash } from "node:crypto";

export type PublicJwk = { readonly kty: string; readonly crv: string; readonly x: string; readonly y?: string };

/** 43 characters of base64url: the SHA-256 of the key's required members in order, without white space. */
export function keyThumbprint(jwk: PublicJwk): string {
  const members =
    jwk.kty === "EC"
      ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y ?? "" }
      : { crv: jwk.crv, kty: jwk.kty, x: jwk.x };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}
