// The institution's root key: made at the first start, readable by the portal's account alone.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { Value } from "typebox/value";
import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { keyThumbprint } from "../wire/api/key-thumbprint.ts";
import type { SealingKey } from "../wire/api/sealed-token.ts";
import { RootKey as RootJwk } from "../wire/api/v1/device.ts";

export type RootKey = {
  readonly jwk: RootJwk;
  readonly sealing: SealingKey;
  readonly opening: SealingKey;
  /** A raw Ed25519 signature, for what never leaves as a token. */
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
};

/** Reads the key, or makes it when there is none. */
export function openRootKey(path: string, missing: "create" | "refuse"): Result<RootKey, Failure> {
  if (!existsSync(path)) {
    if (missing === "refuse") return err(failure("portal.root_key_missing", { path }));
    writeKey(path);
  }
  if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) {
    return err(failure("portal.root_key_exposed", { path }));
  }
  try {
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType === "ed25519") return ok(rootKeyOf(key));
    return err(failure("portal.root_key_unreadable", { path }));
  } catch (cause) {
    return err(failure("portal.root_key_unreadable", { path }, cause));
  }
}

export function rootKeyOf(privateKey: KeyObject): RootKey {
  const publicKey = createPublicKey(privateKey);
  const { kty, crv, x } = publicKey.export({ format: "jwk" });
  const unnamed = { kty: String(kty), crv: String(crv), x: String(x) };
  const jwk: unknown = { ...unnamed, kid: keyThumbprint(unnamed) };
  Value.Assert(RootJwk, jwk);
  return {
    jwk,
    sealing: { key: privateKey, algorithm: "EdDSA", kid: jwk.kid },
    opening: { key: publicKey, algorithm: "EdDSA", kid: jwk.kid },
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString("base64url"),
    verify: (text, signature) => verify(null, Buffer.from(text), publicKey, Buffer.from(signature, "base64url")),
  };
}

function writeKey(path: string): void {
  const { privateKey } = generateKeyPairSync("ed25519");
  const file = openSync(path, "wx", 0o600);
  writeSync(file, privateKey.export({ format: "pem", type: "pkcs8" }).toString());
  fsyncSync(file);
  closeSync(file);
}
