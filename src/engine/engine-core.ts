// What all torrents of an engine share: memory, limits, bans, threads, the count of connections.

import type { Endpoint } from "../domain/address/endpoint.ts";
import type { MonotonicMs } from "../world/clock.ts";
import type { EngineWorld } from "./contract.ts";
import type { TokenBucket } from "./limits/token-bucket.ts";
import type { OwnAddress } from "./own-address.ts";
import type { StoreHost } from "./storage/disk-threads.ts";
import type { PieceMemory } from "./storage/piece-memory.ts";
import type { Transport, TransportName } from "./transport/transport.ts";

const BANS_MAX = 10_000;

export class BanList {
  readonly #hosts = new Set<string>();
  #listeners: ((host: string) => void)[] = [];

  get size(): number {
    return this.#hosts.size;
  }

  has(host: string): boolean {
    return this.#hosts.has(host);
  }

  /** The oldest ban is forgotten when there are too many. */
  add(host: string): void {
    if (this.#hosts.has(host)) return;
    const [oldest] = this.#hosts;
    if (this.#hosts.size >= BANS_MAX && oldest !== undefined) this.#hosts.delete(oldest);
    this.#hosts.add(host);
    for (const listener of this.#listeners) listener(host);
  }

  onBan(listener: (host: string) => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }
}

export type EngineCore = {
  readonly world: EngineWorld;
  readonly memory: PieceMemory;
  readonly stores: StoreHost;
  readonly bans: BanList;
  readonly down: TokenBucket;
  readonly up: TokenBucket;
  readonly transports: readonly Transport[];
  readonly ownAddress: OwnAddress;
  readonly connectionsMax: number;
  /** Open and half-open connections over all torrents. */
  connections: number;
  readonly listening: (transports: readonly TransportName[] | undefined) => readonly Endpoint[];
};

export function nowOf(core: EngineCore): MonotonicMs {
  return core.world.clock.monotonicMs();
}
