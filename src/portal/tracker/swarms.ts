// Who is in which swarm of the private tracker. In memory: everybody announces again within minutes.

import type { Random } from "../../world/random.ts";

export type SwarmPeer = {
  readonly grantId: string;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly port: number;
  readonly complete: boolean;
  readonly seenMs: number;
};

export type SwarmCounts = { readonly complete: number; readonly incomplete: number };

export const ANNOUNCE_INTERVAL_SECONDS = 120;
const SILENCE_MAX_MS = 2.5 * ANNOUNCE_INTERVAL_SECONDS * 1000;
const PEERS_PER_SWARM_MAX = 5_000;
const SWARMS_MAX = 50_000;

export class TrackerSwarms {
  readonly #random: Random;
  /** Info-hash, then grant and peer id: one grant may run one client per address family. */
  readonly #swarms = new Map<string, Map<string, SwarmPeer>>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** False when the swarm, or their number, is full. */
  enter(infoHash: string, peerKey: string, peer: SwarmPeer): boolean {
    let swarm = this.#swarms.get(infoHash);
    if (swarm === undefined) {
      if (this.#swarms.size >= SWARMS_MAX) return false;
      swarm = new Map();
      this.#swarms.set(infoHash, swarm);
    }
    if (swarm.size >= PEERS_PER_SWARM_MAX && !swarm.has(peerKey)) return false;
    swarm.set(peerKey, peer);
    return true;
  }

  leave(infoHash: string, peerKey: string): void {
    const swarm = this.#swarms.get(infoHash);
    swarm?.delete(peerKey);
    if (swarm?.size === 0) this.#swarms.delete(infoHash);
  }

  /** A grant that ended is no longer given to anybody. */
  leaveAll(grantId: string): void {
    for (const [infoHash, swarm] of this.#swarms) {
      for (const [key, peer] of swarm) {
        if (peer.grantId === grantId) this.leave(infoHash, key);
      }
    }
  }

  counts(infoHash: string): SwarmCounts {
    let complete = 0;
    const swarm = this.#swarms.get(infoHash);
    for (const peer of swarm?.values() ?? []) if (peer.complete) complete++;
    return { complete, incomplete: (swarm?.size ?? 0) - complete };
  }

  /** Peers of other grants; those who have everything are not told of each other. Starts at a random place. */
  others(infoHash: string, asking: SwarmPeer, wanted: number): SwarmPeer[] {
    const useful = [...(this.#swarms.get(infoHash)?.values() ?? [])].filter(
      (peer) => peer.grantId !== asking.grantId && !(peer.complete && asking.complete),
    );
    const start = this.#random.below(useful.length);
    return [...useful.slice(start), ...useful.slice(0, start)].slice(0, wanted);
  }

  /** Forgets those who were not heard for two and a half intervals. */
  sweep(nowMs: number): void {
    for (const [infoHash, swarm] of this.#swarms) {
      for (const [key, peer] of swarm) {
        if (nowMs - peer.seenMs > SILENCE_MAX_MS) this.leave(infoHash, key);
      }
    }
  }
}
