// Compact JWS as Swarmgate uses it: one algorithm, one form of every token, nothing that two readers could read apart.

import { CompactSign, type CryptoKey, compactVerify, type KeyObject } from "jose";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { err, ok, type Result } from "../../base/result.ts";

export type TokenRefusal = "too_long" | "malformed" | "wrong_header" | "bad_signature" | "wrong_claims";

export type SealedForm<Schema extends TSchema> = {
  readonly type: string;
  readonly schema: Schema;
  readonly bytesMax: number;
};

export type SealingKey = {
  readonly key: CryptoKey | KeyObject;
  readonly algorithm: "EdDSA" | "ES256";
  /** The thumbprint, when the token must name its key. */
  readonly kid?: string;
};

/** Claims that do not fit the form are a bug of the caller: throws. */
export async function sealToken<Schema extends TSchema>(
  form: SealedForm<Schema>,
  claims: Static<Schema>,
  by: SealingKey,
): Promise<string> {
  Value.Assert(form.schema, claims);
  const header = { alg: by.algorithm, typ: form.type, ...(by.kid === undefined ? {} : { kid: by.kid }) };
  const jws = await new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(by.key);
  if (jws.length > form.bytesMax) throw new RangeError(`a ${form.type} of ${jws.length} bytes is too long`);
  return jws;
}

/** The claims, if the token was made by `key`, says so, and has the one form that `sealToken` writes. */
export async function openToken<Schema extends TSchema>(
  form: SealedForm<Schema>,
  jws: string,
  by: SealingKey,
): Promise<Result<Static<Schema>, TokenRefusal>> {
  const claims = readToken(form, jws, by);
  if (!claims.ok) return claims;
  try {
    await compactVerify(jws, by.key, { algorithms: [by.algorithm] });
    return claims;
  } catch {
    return err("bad_signature");
  }
}

/** Everything but the signature: for `openToken`, and for tests of the form alone. Proves nothing. */
export function readToken<Schema extends TSchema>(
  form: SealedForm<Schema>,
  jws: string,
  by: Pick<SealingKey, "algorithm" | "kid">,
): Result<Static<Schema>, TokenRefusal> {
  if (jws.length > form.bytesMax) return err("too_long");
  const parts = jws.split(".");
  const [header, payload, signature] = parts.map(decodePart);
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
    return err("malformed");
  }
  const claims = strictJson(payload);
  if (claims === undefined) return err("malformed");
  // The header is compared, not interpreted: `none`, another algorithm, `jwk`, `jku` or `crit` cannot even be said.
  if (!headerTexts(form.type, by).includes(header.toString())) return err("wrong_header");
  return Value.Check(form.schema, claims) ? ok(claims) : err("wrong_claims");
}

// Base64url has several spellings of the same bytes (spare bits, padding); one of them is ours.
function decodePart(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, "base64url");
  return bytes.length > 0 && bytes.toString("base64url") === part ? bytes : undefined;
}

// Duplicate members, other spellings of numbers and white space do not survive a round trip: two readers agree.
function strictJson(bytes: Buffer): unknown {
  const text = bytes.toString();
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function headerTexts(type: string, by: Pick<SealingKey, "algorithm" | "kid">): string[] {
  const { algorithm: alg, kid } = by;
  if (kid !== undefined) return [JSON.stringify({ alg, typ: type, kid })];
  return [JSON.stringify({ alg, typ: type }), JSON.stringify({ typ: type, alg })];
}
