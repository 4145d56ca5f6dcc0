// The trackers and web seeds that a torrent or magnet names, for the bare engine.

import type { TorrentSource } from "../../engine/contract.ts";
import type { DiscoverySource } from "../../engine/discovery/source.ts";
import { trackerDiscovery } from "../../engine/tracker/discovery.ts";
import { webSeedDiscovery } from "../../engine/webseed/discovery.ts";
import { realWorld } from "../../world/real/world.ts";
import type { EngineChoices } from "./options.ts";

// The person at the keyboard chose this torrent and this machine; names that lead inside, and hidden spellings of
// addresses, are refused all the same (H82, H83).
const REACH = { privateAddresses: true, loopback: true };

export function namedSources(source: TorrentSource, choices: EngineChoices): DiscoverySource[] {
  const { trackers, webSeeds: urls } = source.kind === "metainfo" ? source.metainfo : source.magnet;
  const tiers = trackers.map((tier) => (typeof tier === "string" ? [tier] : tier));
  const isClosed = source.kind === "metainfo" && source.metainfo.sslCert !== undefined;
  return [
    ...(choices.discovery.trackers && tiers.length > 0 ? [trackerDiscovery({ tiers, reach: REACH }, realWorld)] : []),
    // Nothing of a closed swarm is fetched past its certificates.
    ...(urls.length > 0 && !isClosed ? [webSeedDiscovery({ urls, reach: REACH }, realWorld)] : []),
  ];
}
