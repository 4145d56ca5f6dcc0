// The DHT for the bare engine.

import { dhtDiscovery } from "../../engine/dht/discovery.ts";
import { DhtNode } from "../../engine/dht/node.ts";
import type { DiscoverySource } from "../../engine/discovery/source.ts";
import { realWorld } from "../../world/real/world.ts";
import type { EngineChoices } from "./options.ts";

/** Long-lived nodes that are run for newcomers. */
const PUBLIC_NODES = [
  "dht.libtorrent.org:25401",
  "dht.transmissionbt.com:6881",
  "router.bittorrent.com:6881",
  "router.utorrent.com:6881",
];

export function hashTable(choices: EngineChoices): DiscoverySource[] {
  const { dht, dhtNodes } = choices.discovery;
  if (!dht) return [];
  const bootstrap = dhtNodes.length > 0 ? dhtNodes : PUBLIC_NODES;
  return [dhtDiscovery(new DhtNode({ at: placesOf(choices), bootstrap }, realWorld), realWorld.clock)];
}

// Other clients look for a node at the port where its peer listens; uTP has that port of UDP for itself.
function placesOf({ listen, transports }: EngineChoices) {
  const port = listen && !transports.includes("utp") ? listen.port : 0;
  if (listen && listen.host !== "0.0.0.0" && listen.host !== "::") return [{ host: listen.host, port }];
  return [
    { host: "0.0.0.0", port },
    { host: "::", port: 0 },
  ];
}
