// The device's own key: made here, kept in a file that only its owner can read, never given away.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "../base/assert.ts";
import type { DeviceSigningKey } from "../wire/api/device-proof.ts";
import { keyThumbprint } from "../wire/api/key-thumbprint.ts";
import type { DeviceKey as PublicJwk } from "../wire/api/v1/device.ts";

export type DeviceKey = {
  readonly signing: DeviceSigningKey;
  readonly publicJwk: PublicJwk;
  readonly thumbprint: string;
};

/** Reads `device.key` in the folder, or makes it. Throws what the disk throws. */
export function openDeviceKey(folder: string): DeviceKey {
  const path = join(folder, "device.key");
  if (!existsSync(path)) writeKey(path, generateKeyPairSync("ed25519").privateKey);
  // A copy restored from a backup may have lost its mode.
  chmodSync(path, 0o600);
  const key = createPrivateKey(readFileSync(path));
  assert(key.asymmetricKeyType === "ed25519", "device.key holds an Ed25519 key");
  const jwk = createPublicKey(key).export({ format: "jwk" });
  const publicJwk: PublicJwk = { kty: "OKP", crv: "Ed25519", x: String(jwk.x) };
  return { signing: { key, algorithm: "EdDSA" }, publicJwk, thumbprint: keyThumbprint(publicJwk) };
}

function writeKey(path: string, key: KeyObject): void {
  const partial = `${path}.new`;
  writeFileSync(partial, key.export({ format: "pem", type: "pkcs8" }), { mode: 0o600, flush: true });
  renameSync(partial, path);
}
