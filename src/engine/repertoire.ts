// Everything that our engine speaks, put together in one place for the command and for the node.

import type { Clock } from "../world/clock.ts";
import type { Entropy } from "../world/entropy.ts";
import type { Net } from "../world/net.ts";
import type { Tls } from "../world/tls.ts";
import type { Turn } from "../world/turn.ts";
import { LocalDiscovery } from "./discovery/lsd/local-discovery.ts";
import { AcquaintancesOfSwarms } from "./discovery/pex/acquaintances.ts";
import { Holepunch } from "./discovery/pex/holepunch.ts";
import { PeerExchange } from "./discovery/pex/peer-exchange.ts";
import type { ExtensionHook } from "./extension.ts";
import { MseTransport } from "./transport/mse/transport.ts";
import { tcpTransport } from "./transport/tcp.ts";
import { TlsTransport } from "./transport/tls/transport.ts";
import type { Transport } from "./transport/transport.ts";
import { SharedUdp } from "./transport/udp/shared-port.ts";
import { UtpTransport } from "./transport/utp/transport.ts";

export type RepertoireWorld = {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly net: Net;
  readonly tls: Tls;
  readonly turn: Turn;
};

export type OpenTransportName = "tcp" | "utp";
export type EncryptionPolicy = "off" | "prefer" | "require";

/** Transports of open swarms, tried in the order in which they are named. */
export function openTransports(
  names: readonly OpenTransportName[],
  encryption: EncryptionPolicy,
  world: RepertoireWorld,
  /** Shared with the hash table; absent: uTP has its port for itself. */
  udp = new SharedUdp(world.net),
): Transport[] {
  const plain = {
    tcp: () => tcpTransport(world.net),
    utp: () => new UtpTransport({ ...world, net: udp.netFor("utp") }),
  };
  return names.map((name) => {
    const inner = plain[name]();
    return encryption === "off" ? inner : new MseTransport({ inner, policy: encryption }, world);
  });
}

/** Transports of closed swarms: TLS over each of the names. A swarm is enrolled in all of them with its certificates. */
export function closedTransports(names: readonly OpenTransportName[], world: RepertoireWorld): TlsTransport[] {
  const carried = {
    tcp: () => new TlsTransport(world),
    utp: () => new TlsTransport(world, { over: new UtpTransport(world) }),
  };
  return names.map((name) => carried[name]());
}

/** One for all torrents of the engine; never given to a closed swarm (H75). */
export function localDiscovery(world: RepertoireWorld): LocalDiscovery {
  return new LocalDiscovery(world);
}

/** Peer exchange and introductions; never given to a closed swarm (H75). */
export function exchangeExtensions(world: RepertoireWorld): readonly ExtensionHook[] {
  const swarms = new AcquaintancesOfSwarms();
  return [new PeerExchange(world.clock, swarms), new Holepunch(world.clock, swarms)];
}
