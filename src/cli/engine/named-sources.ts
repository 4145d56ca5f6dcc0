// The trackers and web seeds that a torrent or magnet names, for the bare engine. Where it names none, nothing is loaded.

import type { TorrentSource } from "../../engine/contract.ts";
import type { DiscoverySource } from "../../engine/discovery/source.ts";
import { realWorld } from "../../world/real/world.ts";
import type { EngineChoices } from "./options.ts";

// The person at the keyboard chose this torrent and this machine; names that lead inside, and hidden spellings of
// addresses, are refused all the same (H82, H83).
const REACH = { privateAddresses: true, loopback: true };

export async function namedSources(source: TorrentSource, choices: EngineChoices): Promise<DiscoverySource[]> {
  const { trackers, webSeeds: urls } = source.kind === "metainfo" ? source.metainfo : source.magnet;
  const tiers = trackers.map((tier) => (typeof tier === "string" ? [tier] : tier));
  const isClosed = source.kind === "metainfo" && source.metainfo.sslCert !== undefined;
  const sources: DiscoverySource[] = [];
  if (choices.discovery.trackers && tiers.length > 0) {
    const { trackerDiscovery } = await import("../../engine/tracker/discovery.ts");
    sources.push(trackerDiscovery({ tiers, reach: REACH }, realWorld));
  }
  // Nothing of a closed swarm is fetched past its certificates.
  if (urls.length > 0 && !isClosed) {
    const { webSeedDiscovery } = await import("../../engine/webseed/discovery.ts");
    sources.push(webSeedDiscovery({ urls, reach: REACH }, realWorld));
  }
  return sources;
}
