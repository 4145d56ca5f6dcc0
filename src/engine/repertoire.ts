// Everything that our engine speaks, put together in one place for the command and for the node. What carries a connection is
// loaded when it is named: a command that speaks plain TCP starts without the rest (docs/performance.md).

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
import { tcpTransport } from "./transport/tcp.ts";
import type { TlsTransport } from "./transport/tls/transport.ts";
import type { Transport } from "./transport/transport.ts";
import { SharedUdp } from "./transport/udp/shared-port.ts";

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
export async function openTransports(
  names: readonly OpenTransportName[],
  encryption: EncryptionPolicy,
  world: RepertoireWorld,
  /** Shared with the hash table; absent: uTP has its port for itself. */
  udp = new SharedUdp(world.net),
): Promise<Transport[]> {
  const inners: Transport[] = [];
  for (const name of names) {
    inners.push(name === "tcp" ? tcpTransport(world.net) : await utpTransport({ ...world, net: udp.netFor("utp") }));
  }
  if (encryption === "off") return inners;
  const { MseTransport } = await import("./transport/mse/transport.ts");
  return inners.map((inner) => new MseTransport({ inner, policy: encryption }, world));
}

async function utpTransport(world: RepertoireWorld) {
  const { UtpTransport } = await import("./transport/utp/transport.ts");
  return new UtpTransport(world);
}

/** Transports of closed swarms: TLS over each of the names. A swarm is enrolled in all of them with its certificates. */
export async function closedTransports(
  names: readonly OpenTransportName[],
  world: RepertoireWorld,
): Promise<TlsTransport[]> {
  const tls = await import("./transport/tls/transport.ts");
  const carried = names.map(async (name) =>
    name === "tcp" ? new tls.TlsTransport(world) : new tls.TlsTransport(world, { over: await utpTransport(world) }),
  );
  return Promise.all(carried);
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
