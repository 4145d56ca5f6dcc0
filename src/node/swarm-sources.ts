// Where peers of a granted torrent are looked for: its own trackers and web seeds and, when the grant names one, the institution's.

import { PUBLIC_ONLY, type Reach } from "../domain/address/url-policy.ts";
import type { GrantClaims } from "../domain/grant.ts";
import type { TorrentSource } from "../engine/contract.ts";
import type { DiscoverySource } from "../engine/discovery/source.ts";
import type { ExtensionHook } from "../engine/extension.ts";
import {
  type TrackerDiscoveryOptions,
  type TrackerDiscoveryWorld,
  trackerDiscovery,
} from "../engine/tracker/discovery.ts";
import { webSeedDiscovery } from "../engine/webseed/discovery.ts";

/** How far a torrent's trackers and web seeds may lie: on the internet, in the institution's own networks as well, or anywhere. */
export const TRACKER_REACHES = ["public", "institution", "any"] as const;
export type TrackerReach = (typeof TRACKER_REACHES)[number];

const REACHES: Readonly<Record<TrackerReach, Reach>> = {
  public: PUBLIC_ONLY,
  // The reviewer saw and approved the torrent's trackers, which may live on the campus; a name that leads inside,
  // loopback and link-local addresses stay refused (H82, H83).
  institution: { privateAddresses: true, loopback: false },
  any: { privateAddresses: true, loopback: true },
};

export function swarmSources(
  reach: TrackerReach,
  world: TrackerDiscoveryWorld,
): (source: TorrentSource, claims: GrantClaims) => readonly DiscoverySource[] {
  return (source, claims) => {
    // The institution signed this address: its host may lie wherever it wants.
    const own = claims.tracker === undefined ? [] : [trackerDiscovery(ownTracker(claims.tracker), world)];
    // A closed swarm speaks to its own tracker and to nobody else (H75).
    if (claims.swarm === "closed") return own;
    const { trackers, webSeeds: urls } = source.kind === "metainfo" ? source.metainfo : source.magnet;
    const tiers = trackers.map((tier) => (typeof tier === "string" ? [tier] : tier));
    const options = { reach: REACHES[reach] };
    const named = tiers.length === 0 ? [] : [trackerDiscovery({ ...options, tiers }, world)];
    const seeds = urls.length === 0 ? [] : [webSeedDiscovery({ ...options, urls }, world)];
    return [...own, ...named, ...seeds];
  };
}

/** Peers tell of each other in open swarms alone; private torrents and closed swarms keep to their trackers (H75). */
export function swarmExtensions(
  hooks: readonly ExtensionHook[],
): (source: TorrentSource, claims: GrantClaims) => readonly ExtensionHook[] {
  return (source, claims) => {
    const isPrivate = source.kind === "metainfo" && source.metainfo.private;
    return claims.swarm === "closed" || isPrivate ? [] : hooks;
  };
}

function ownTracker(url: string): TrackerDiscoveryOptions {
  const trustedHosts = new Set([URL.parse(url)?.hostname.replace(/^\[|\]$/gu, "") ?? ""]);
  return { tiers: [[url]], reach: { ...REACHES.any, trustedHosts } };
}
