// Holepunch (BEP 55): asking a common acquaintance to make two peers behind routers dial each other at once.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import { type AddressFamily, familyOfHost } from "../compact/address.ts";
import { compactBytes, decodeCompactEndpoint, encodeCompactEndpoint } from "../compact/endpoint.ts";

export const HOLEPUNCH_NAME = "ut_holepunch";
const HEAD_BYTES = 2;
const ERROR_BYTES = 4;
export const HOLEPUNCH_BYTES_MAX = HEAD_BYTES + compactBytes(6) + ERROR_BYTES;

export type HolepunchError = "no-such-peer" | "not-connected" | "no-support" | "no-self";

export type HolepunchMessage =
  | { readonly type: "rendezvous"; readonly endpoint: Endpoint }
  | { readonly type: "connect"; readonly endpoint: Endpoint }
  | { readonly type: "error"; readonly endpoint: Endpoint; readonly error: HolepunchError };

/** As the second byte names them. */
const FAMILIES: readonly AddressFamily[] = [4, 6];
const TYPES = ["rendezvous", "connect", "error"] as const;
const ERRORS: readonly HolepunchError[] = ["no-such-peer", "not-connected", "no-support", "no-self"];

export function encodeHolepunch(message: HolepunchMessage): Uint8Array {
  const address = encodeCompactEndpoint(message.endpoint);
  const family = FAMILIES.indexOf(familyOfHost(message.endpoint.host));
  const error = message.type === "error" ? ERRORS.indexOf(message.error) + 1 : 0;
  return Uint8Array.from([TYPES.indexOf(message.type), family, ...address, 0, 0, 0, error]);
}

/** undefined for anything malformed. Some clients leave the error code out where there is none. */
export function decodeHolepunch(payload: Uint8Array): HolepunchMessage | undefined {
  const type = TYPES[payload[0] ?? -1];
  const family = FAMILIES[payload[1] ?? -1];
  if (type === undefined || family === undefined) return undefined;
  const addressEnd = HEAD_BYTES + compactBytes(family);
  const rest = payload.length - addressEnd;
  if (rest !== 0 && rest !== ERROR_BYTES) return undefined;
  const endpoint = decodeCompactEndpoint(payload.subarray(HEAD_BYTES, addressEnd));
  if (endpoint === undefined || endpoint.port === 0) return undefined;
  if (type !== "error") return { type, endpoint };
  const error = ERRORS[(payload.at(-1) ?? 0) - 1];
  return error === undefined || rest === 0 ? undefined : { type, endpoint, error };
}
