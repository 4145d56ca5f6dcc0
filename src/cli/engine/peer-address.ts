// Where a peer is, from what a person or a magnet wrote. A name is looked up here, at the edge: the engine knows addresses
// only.

import { lookup } from "node:dns/promises";
import { type Endpoint, parseEndpoint } from "../../domain/address/endpoint.ts";

export type NamedPlace = { readonly host: string; readonly port: number };

/** `HOST:PORT` or `[V6]:PORT`, the host an address or a name; undefined for anything else. */
export function parsePlace(text: string): NamedPlace | undefined {
  const [, v6, name, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim()) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

/** All addresses of the place, the system's first choice first: not every one of a name has to be reachable. */
export async function endpointsOf({ host, port }: NamedPlace): Promise<readonly Endpoint[]> {
  if (isLiteral({ host, port })) return [{ host, port }];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => ({ host: address, port }));
}

/** Whether no name has to be looked up. */
export function isLiteral({ host }: NamedPlace): boolean {
  return parseEndpoint(host.includes(":") ? `[${host}]:1` : `${host}:1`) !== undefined;
}
