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

// Other clients look for a node at the port where its peer listens. Where it listens at every address of one family or
// nowhere, the other family has a node all the same.
function placesOf(listening: readonly Endpoint[]): readonly Endpoint[] {
  const anywhere = ["0.0.0.0", "::"];
  if (listening.some(({ host }) => !anywhere.includes(host))) return listening;
  return anywhere.map((host) => ({ host, port: listening.find((one) => one.host === host)?.port ?? 0 }));
}
