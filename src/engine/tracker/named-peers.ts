// Peers that a tracker tells by the names of their hosts (BEP 3 allows it). Whoever runs the tracker chose the names, so they
// are judged like those of URLs: what leads inside is not dialled (H82, H83), and the address that was judged is the one
// that is dialled.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { Reach } from "../../domain/address/url-policy.ts";
import type { NamedPeer } from "../../wire/tracker/announce.ts";
import type { Clock } from "../../world/clock.ts";
import type { Names } from "../../world/names.ts";
import { allowedAddresses, checkHttpUrl } from "../http/guarded-exchange.ts";
import { firstOfEachFamily } from "./client.ts";

/** Of one answer: each is a question that strangers make us ask. */
const NAMES_MAX = 8;
const LOOK_UP_MS_MAX = 5_000;

export type FoundPeers = {
  readonly peers: readonly Endpoint[];
  /** How many of the named peers have no address that may be dialled, or were not looked up. */
  readonly left: number;
};

/** Looks each name up once. A name that answers too late is left out until the tracker tells it again. */
export async function findNamedPeers(
  named: readonly NamedPeer[],
  reach: Reach,
  world: { readonly names: Names; readonly clock: Clock },
): Promise<FoundPeers> {
  const late = Promise.withResolvers<readonly string[]>();
  const timer = world.clock.after(LOOK_UP_MS_MAX, () => late.resolve([]));
  const looked = new Map<string, Promise<readonly string[]>>();
  for (const { name } of named) {
    const key = name.toLowerCase();
    if (looked.size >= NAMES_MAX) break;
    if (!looked.has(key)) looked.set(key, Promise.race([addressesOf(key, reach, world.names), late.promise]));
  }
  const hosts = await Promise.all(named.map(async ({ name }) => looked.get(name.toLowerCase()) ?? []));
  timer.cancel();
  const found = named.map(({ port }, n) => (hosts[n] ?? []).map((host) => ({ host, port })));
  return { peers: found.flat(), left: found.filter((places) => places.length === 0).length };
}

/** What a person reads beside the tracker's URL. */
export function sayLeft(left: number): string {
  const peers = left === 1 ? "1 peer is" : `${left} peers are`;
  return `${peers} left out: their names are unknown, lead to an internal address, or were too many or too slow`;
}

async function addressesOf(name: string, reach: Reach, names: Names): Promise<readonly string[]> {
  // The rules of URLs know every spelling that hides an address, and names that look like others.
  const checked = checkHttpUrl(`http://${name}/`);
  if (!checked.ok || checked.value.literal) return [];
  const allowed = await allowedAddresses(checked.value, reach, names);
  return allowed.ok ? firstOfEachFamily(allowed.value) : [];
}
