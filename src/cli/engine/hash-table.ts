// The DHT for the bare engine.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import { dhtDiscovery } from "../../engine/dht/discovery.ts";
import { DhtNode } from "../../engine/dht/node.ts";
import type { DiscoverySource } from "../../engine/discovery/source.ts";
import type { SharedUdp } from "../../engine/transport/udp/shared-port.ts";
import { realWorld } from "../../world/real/world.ts";
import type { EngineChoices } from "./options.ts";

/** Long-lived nodes that are run for newcomers. */
const PUBLIC_NODES = [
  "dht.libtorrent.org:25401",
  "dht.transmissionbt.com:6881",
  "router.bittorrent.com:6881",
  "router.utorrent.com:6881",
];

export function hashTable(choices: EngineChoices, listening: readonly Endpoint[], udp: SharedUdp): DiscoverySource[] {
  const { dht, dhtNodes } = choices.discovery;
  if (!dht) return [];
  const bootstrap = dhtNodes.length > 0 ? dhtNodes : PUBLIC_NODES;
  const node = new DhtNode({ at: placesOf(listening), bootstrap }, { ...realWorld, net: udp.netFor("dht") });
  return [dhtDiscovery(node, realWorld.clock)];
}

// Other clients look for a node at the port where its peer listens.
function placesOf([listening]: readonly Endpoint[]): Endpoint[] {
  const anywhere = ["0.0.0.0", "::"];
  const { host, port } = listening ?? { host: "0.0.0.0", port: 0 };
  if (!anywhere.includes(host)) return [{ host, port }];
  return anywhere.map((one) => ({ host: one, port: one === host ? port : 0 }));
}
