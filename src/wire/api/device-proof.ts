// A device's proof for one call: made by the node, opened by the portal, so that both agree on every byte.

import { createHash } from "node:crypto";
import type { CryptoKey, KeyObject } from "jose";
import type { Result } from "../../base/result.ts";
import { openToken, type SealedForm, sealToken, type TokenRefusal } from "./sealed-token.ts";
import { DEVICE_AUTH_TOKEN_TYPE, DeviceAuthToken } from "./v1/device-auth.ts";

const FORM: SealedForm<typeof DeviceAuthToken> = {
  type: DEVICE_AUTH_TOKEN_TYPE,
  schema: DeviceAuthToken,
  bytesMax: 8 * 1024,
};

export type DeviceCall = {
  /** In capitals. */
  readonly method: string;
  /** The path with its query, as it stands in the request line. */
  readonly path: string;
  /** The bytes of the body; empty without one. */
  readonly body: Uint8Array;
};

export type DeviceSigningKey = { readonly key: CryptoKey | KeyObject; readonly algorithm: "EdDSA" | "ES256" };

/** `nonce`: 16 to 64 characters that were never used before by this device. */
export function proveCall(
  call: DeviceCall,
  as: { readonly deviceId: string; readonly key: DeviceSigningKey; readonly nonce: string; readonly nowMs: number },
): Promise<string> {
  const claims: DeviceAuthToken = {
    sub: as.deviceId,
    htm: call.method,
    htu: call.path,
    iat: Math.floor(as.nowMs / 1000),
    jti: as.nonce,
    bh: bodyHash(call.body),
  };
  return sealToken(FORM, claims, as.key);
}

/** Whether the device's key signed it. Time, call and replay are for the caller to compare. */
export function openProof(proof: string, key: DeviceSigningKey): Promise<Result<DeviceAuthToken, TokenRefusal>> {
  return openToken(FORM, proof, key);
}

/** Who the proof says it is from, before anything is known to be true. */
export function claimedDevice(proof: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(proof.split(".")[1] ?? "", "base64url").toString());
    const sub = typeof claims === "object" && claims !== null && "sub" in claims ? claims.sub : undefined;
    return typeof sub === "string" ? sub : undefined;
  } catch {
    return undefined;
  }
}

export function bodyHash(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("base64url");
}
