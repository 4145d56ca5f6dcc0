// Compact addresses (BEP 5, 7, 11, 23, 55): the bytes of an IP address and two of a port, alone or one row after another.

import { present } from "../../base/assert.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { ADDRESS_BYTES, type AddressFamily, addressBytes, addressText, familyOfHost } from "./address.ts";

const PORT_BYTES = 2;

/** 6 for IPv4, 18 for IPv6. */
export function compactBytes(family: AddressFamily): number {
  return ADDRESS_BYTES[family] + PORT_BYTES;
}

/** 6 bytes for IPv4, 18 for IPv6. The host is an IP literal, as every Endpoint's. */
export function encodeCompactEndpoint({ host, port }: Endpoint): Uint8Array {
  return Uint8Array.from([...present(addressBytes(host), "an IP literal"), port >> 8, port & 0xff]);
}

/** Those of the family, in their order; others are left out. */
export function encodeCompactEndpoints(endpoints: readonly Endpoint[], family: AddressFamily): Uint8Array {
  const rows = endpoints.filter(({ host }) => familyOfHost(host) === family).map(encodeCompactEndpoint);
  return new Uint8Array(Buffer.concat(rows));
}

/** One endpoint of 6 or 18 bytes; IPv4 in IPv6's clothes comes out as IPv4. Port 0 and no address at all are kept. */
export function decodeCompactEndpoint(bytes: Uint8Array): Endpoint | undefined {
  if (bytes.length !== compactBytes(4) && bytes.length !== compactBytes(6)) return undefined;
  const port = ((bytes.at(-2) ?? 0) << 8) | (bytes.at(-1) ?? 0);
  return { host: addressText(bytes.subarray(0, -PORT_BYTES)), port };
}

/** Undefined when the bytes are no whole rows (H70). Rows where nobody can be are left out: port 0, no address (H68). */
export function decodeCompactEndpoints(bytes: Uint8Array, family: AddressFamily): Endpoint[] | undefined {
  const rowBytes = compactBytes(family);
  if (bytes.length % rowBytes !== 0) return undefined;
  const endpoints: Endpoint[] = [];
  for (let at = 0; at < bytes.length; at += rowBytes) {
    const endpoint = decodeCompactEndpoint(bytes.subarray(at, at + rowBytes));
    if (endpoint !== undefined && endpoint.port !== 0 && !isNowhere(endpoint.host)) endpoints.push(endpoint);
  }
  return endpoints;
}

function isNowhere(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
