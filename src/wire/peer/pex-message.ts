// Peer exchange (BEP 11): who joined and who left since the last message.

import { err, ok, type Result } from "../../base/result.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { type BencodeLimits, decode } from "../bencode/decode.ts";
import { encode } from "../bencode/encode.ts";
import { BencodeDict } from "../bencode/value.ts";
import { familyOfHost } from "../compact/address.ts";
import { decodeCompactEndpoints, encodeCompactEndpoints } from "../compact/endpoint.ts";

export const PEX_NAME = "ut_pex";
export const PEX_BYTES_MAX = 16 * 1024;
/** BEP 11: no more in one message, of each family; what comes beyond is not looked at. */
export const PEX_PEERS_MAX = 50;

export type PexFlags = {
  readonly prefersEncryption: boolean;
  readonly isSeed: boolean;
  readonly speaksUtp: boolean;
  readonly speaksHolepunch: boolean;
  /** The sender reached it by dialling. */
  readonly isReachable: boolean;
};

export type PexPeer = { readonly endpoint: Endpoint; readonly flags: PexFlags };
export type PexMessage = { readonly added: readonly PexPeer[]; readonly dropped: readonly Endpoint[] };
export type PexFault = "pex-malformed";

const LIMITS: BencodeLimits = { bytesMax: PEX_BYTES_MAX, depthMax: 2, tokensMax: 100 };
const FLAG_BITS: Readonly<Record<keyof PexFlags, number>> = {
  prefersEncryption: 0x01,
  isSeed: 0x02,
  speaksUtp: 0x04,
  speaksHolepunch: 0x08,
  isReachable: 0x10,
};
const FLAG_NAMES = Object.keys(FLAG_BITS) as (keyof PexFlags)[];
const FAMILIES = [
  { family: 4, added: "added", flags: "added.f", dropped: "dropped" },
  { family: 6, added: "added6", flags: "added6.f", dropped: "dropped6" },
] as const;

/** Only what we know ourselves goes out: no bit that a peer gave us is handed on (H67). */
export function encodePexMessage({ added, dropped }: PexMessage): Uint8Array {
  const fields: Record<string, Uint8Array> = {};
  for (const keys of FAMILIES) {
    const joined = added.filter(({ endpoint }) => familyOfHost(endpoint.host) === keys.family).slice(0, PEX_PEERS_MAX);
    const left = dropped.filter((endpoint) => familyOfHost(endpoint.host) === keys.family).slice(0, PEX_PEERS_MAX);
    if (joined.length > 0) {
      const endpoints = joined.map(({ endpoint }) => endpoint);
      fields[keys.added] = encodeCompactEndpoints(endpoints, keys.family);
      fields[keys.flags] = Uint8Array.from(joined, ({ flags }) => flagByte(flags));
    }
    if (left.length > 0) fields[keys.dropped] = encodeCompactEndpoints(left, keys.family);
  }
  return encode(fields);
}

/** A list of the wrong length makes the message malformed; missing flags are taken as none. */
export function decodePexMessage(payload: Uint8Array): Result<PexMessage, PexFault> {
  const decoded = decode(payload, { limits: LIMITS, keyOrder: "any" });
  if (!decoded.ok || !(decoded.value instanceof BencodeDict)) return err("pex-malformed");
  const added: PexPeer[] = [];
  const dropped: Endpoint[] = [];
  for (const keys of FAMILIES) {
    const joined = decodeCompactEndpoints(decoded.value.bytes(keys.added) ?? new Uint8Array(0), keys.family);
    const left = decodeCompactEndpoints(decoded.value.bytes(keys.dropped) ?? new Uint8Array(0), keys.family);
    if (joined === undefined || left === undefined) return err("pex-malformed");
    const flags = decoded.value.bytes(keys.flags);
    for (const [n, endpoint] of joined.slice(0, PEX_PEERS_MAX).entries()) {
      added.push({ endpoint, flags: flagsOf(flags?.[n] ?? 0) });
    }
    dropped.push(...left.slice(0, PEX_PEERS_MAX));
  }
  return ok({ added, dropped });
}

function flagByte(flags: PexFlags): number {
  return FLAG_NAMES.reduce((byte, name) => (flags[name] ? byte | FLAG_BITS[name] : byte), 0);
}

function flagsOf(byte: number): PexFlags {
  const isSet = (name: keyof PexFlags) => (byte & FLAG_BITS[name]) !== 0;
  return {
    prefersEncryption: isSet("prefersEncryption"),
    isSeed: isSet("isSeed"),
    speaksUtp: isSet("speaksUtp"),
    speaksHolepunch: isSet("speaksHolepunch"),
    isReachable: isSet("isReachable"),
  };
}
