// Which trackers a node asks under a grant: the institution's own, and in open swarms those that the torrent names.

import type { GrantClaims } from "../../domain/grant.ts";
import type { TorrentSource } from "../../engine/contract.ts";
import type { DiscoverySource } from "../../engine/discovery/source.ts";
import { trackerDiscovery } from "../../engine/tracker/discovery.ts";
import { realWorld } from "../../world/real/world.ts";

export function grantedTrackers(source: TorrentSource, claims: GrantClaims): readonly DiscoverySource[] {
  const own = claims.tracker === undefined ? [] : [[claims.tracker]];
  // H75: a closed swarm is spoken of to nobody outside.
  const tiers = claims.swarm === "closed" ? own : [...own, ...namedTrackers(source)];
  if (tiers.length === 0) return [];
  const ownHost = claims.tracker === undefined ? undefined : URL.parse(claims.tracker)?.hostname;
  // The reviewer saw and approved the torrent's trackers, which may live on the campus; a name that leads inside, loopback
  // and link-local addresses stay refused (H82, H83).
  const trustedHosts = new Set(ownHost === undefined ? [] : [ownHost.replace(/^\[|\]$/g, "")]);
  return [trackerDiscovery({ tiers, reach: { privateAddresses: true, loopback: false, trustedHosts } }, realWorld)];
}

function namedTrackers(source: TorrentSource): readonly (readonly string[])[] {
  return source.kind === "metainfo" ? source.metainfo.trackers : source.magnet.trackers.map((url) => [url]);
}
