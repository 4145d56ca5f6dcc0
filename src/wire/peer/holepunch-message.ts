// Holepunch (BEP 55): asking a common acquaintance to make two peers behind routers dial each other at once.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import { decodeCompactEndpoint, encodeCompactEndpoint } from "../compact/endpoint.ts";

export const HOLEPUNCH_NAME = "ut_holepunch";
export const HOLEPUNCH_BYTES_MAX = 24;

export type HolepunchError = "no-such-peer" | "not-connected" | "no-support" | "no-self";

export type HolepunchMessage =
  | { readonly type: "rendezvous"; readonly endpoint: Endpoint }
  | { readonly type: "connect"; readonly endpoint: Endpoint }
  | { readonly type: "error"; readonly endpoint: Endpoint; readonly error: HolepunchError };

const TYPES = ["rendezvous", "connect", "error"] as const;
const ERRORS: readonly HolepunchError[] = ["no-such-peer", "not-connected", "no-support", "no-self"];

export function encodeHolepunch(message: HolepunchMessage): Uint8Array {
  const address = encodeCompactEndpoint(message.endpoint);
  const error = message.type === "error" ? ERRORS.indexOf(message.error) + 1 : 0;
  return Uint8Array.from([TYPES.indexOf(message.type), address.length === 6 ? 0 : 1, ...address, 0, 0, 0, error]);
}

/** undefined for anything malformed. Some clients leave the error code out where there is none. */
export function decodeHolepunch(payload: Uint8Array): HolepunchMessage | undefined {
  const type = TYPES[payload[0] ?? -1];
  const addressBytes = payload[1] === 0 ? 6 : payload[1] === 1 ? 18 : 0;
  const rest = payload.length - 2 - addressBytes;
  if (type === undefined || addressBytes === 0 || (rest !== 0 && rest !== 4)) return undefined;
  const endpoint = decodeCompactEndpoint(payload.subarray(2, 2 + addressBytes));
  if (endpoint === undefined || endpoint.port === 0) return undefined;
  if (type !== "error") return { type, endpoint };
  const error = ERRORS[(payload.at(-1) ?? 0) - 1];
  return error === undefined || rest === 0 ? undefined : { type, endpoint, error };
}
