// Where a peer can be reached: an IP literal and a port, never a host name (names are resolved and checked first).

import ipaddr from "ipaddr.js";

export type Endpoint = { readonly host: string; readonly port: number };

/** Parses `1.2.3.4:6881` or `[::1]:6881`; undefined for names, port 0 and everything else. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !isAddress(host) || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

/** The text form, IPv6 in brackets. Also serves as the key of an endpoint in maps. */
export function formatEndpoint(endpoint: Endpoint): string {
  return endpoint.host.includes(":") ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}

/** Four decimal parts or plain IPv6: no other spelling of an address (hexadecimal, octal, one number) gets through. */
function isAddress(host: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(host) || (ipaddr.IPv6.isValid(host) && !host.includes("%"));
}
