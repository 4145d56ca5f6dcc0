// Compact addresses (BEP 5, 7, 11, 23): the bytes of an IP address and two of a port, one after another.

import ipaddr from "ipaddr.js";
import type { Endpoint } from "../../domain/address/endpoint.ts";

const COMPACT_IPV4_BYTES = 6;
const COMPACT_IPV6_BYTES = 18;

/** 6 bytes for IPv4, 18 for IPv6. The host is an IP literal, as every Endpoint's. */
export function encodeCompactEndpoint({ host, port }: Endpoint): Uint8Array {
  const address = ipaddr.parse(host).toByteArray();
  return Uint8Array.from([...address, port >> 8, port & 0xff]);
}

/** The endpoints of a list; undefined for a list of the wrong length. Port 0 is left out: nobody can be there. */
export function decodeCompactEndpoints(bytes: Uint8Array, family: 4 | 6): Endpoint[] | undefined {
  const entryBytes = family === 4 ? COMPACT_IPV4_BYTES : COMPACT_IPV6_BYTES;
  if (bytes.length % entryBytes !== 0) return undefined;
  const endpoints: Endpoint[] = [];
  for (let at = 0; at < bytes.length; at += entryBytes) {
    const endpoint = decodeCompactEndpoint(bytes.subarray(at, at + entryBytes));
    if (endpoint !== undefined && endpoint.port !== 0) endpoints.push(endpoint);
  }
  return endpoints;
}

/** One endpoint of 6 or 18 bytes; IPv4 in IPv6's clothes comes out as IPv4. Port 0 is kept. */
export function decodeCompactEndpoint(bytes: Uint8Array): Endpoint | undefined {
  if (bytes.length !== COMPACT_IPV4_BYTES && bytes.length !== COMPACT_IPV6_BYTES) return undefined;
  const address = [...bytes.subarray(0, -2)];
  const port = ((bytes.at(-2) ?? 0) << 8) | (bytes.at(-1) ?? 0);
  const host = address.length === 4 ? address.join(".") : ipaddr.process(ipaddr.fromByteArray(address).toString());
  return { host: host.toString(), port };
}
