// The DHT as a source of peers for one torrent. Private torrents never reach it (BEP 27, H75).

import type { Clock, Timer } from "../../world/clock.ts";
import type { DiscoverySource, DiscoveryStatus, RunningDiscovery, SwarmView } from "../discovery/source.ts";
import type { DhtNode } from "./node.ts";

const ANNOUNCE_MS = 15 * 60_000;
/** A torrent without enough peers asks again after this. */
const STARVED_MS = 60_000;
/** At first the tables fill: the nodes nearest to a torrent may only just have appeared. */
const YOUNG_MS = 5_000;
const YOUNG_ROUNDS = 3;

/** One node serves all torrents. */
export function dhtDiscovery(node: DhtNode, clock: Clock): DiscoverySource {
  return { source: "dht", hashTable: node, start: (swarm) => new RunningDht(node, clock, swarm) };
}

class RunningDht implements RunningDiscovery {
  readonly #node: DhtNode;
  readonly #clock: Clock;
  readonly #swarm: SwarmView;
  readonly #ending = new AbortController();
  #timer: Timer | undefined;
  #peersFound = 0;
  #rounds = 0;
  #asking = false;

  constructor(node: DhtNode, clock: Clock, swarm: SwarmView) {
    this.#node = node;
    this.#clock = clock;
    this.#swarm = swarm;
    node.join();
    void this.#round();
  }

  finished(): void {
    // Leechers look for us from now on: the announcement that is already there stays good.
  }

  status(): readonly DiscoveryStatus[] {
    if (this.#swarm.isPrivate() === true) return [];
    const state = this.#asking && this.#rounds === 0 ? "asking" : this.#node.size > 0 ? "working" : "failing";
    const message = state === "failing" ? { message: "no node of the network has answered" } : {};
    return [{ source: "dht", name: "DHT", state, peersFound: this.#peersFound, ...message }];
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#timer?.cancel();
    this.#node.leave();
  }

  async #round(): Promise<void> {
    if (this.#ending.signal.aborted || this.#swarm.isPrivate() === true) return;
    this.#asking = true;
    for (const infoHash of this.#swarm.infoHashes) {
      // The torrent may have ended meanwhile: asking once more would open the node again.
      if (this.#ending.signal.aborted) return;
      await this.#node.announce(infoHash, this.#swarm.listenPort(), (peers) => this.#found(peers), this.#ending.signal);
    }
    this.#asking = false;
    this.#rounds++;
    if (this.#ending.signal.aborted) return;
    const young = this.#rounds <= YOUNG_ROUNDS ? YOUNG_MS : STARVED_MS;
    const pauseMs = this.#swarm.peersWanted() > 0 ? young : ANNOUNCE_MS;
    this.#timer = this.#clock.after(pauseMs, () => void this.#round());
  }

  #found(peers: readonly { readonly host: string; readonly port: number }[]): void {
    if (this.#ending.signal.aborted || this.#swarm.isPrivate() === true) return;
    this.#peersFound += peers.length;
    const welcome = peers.filter((peer) => this.#swarm.mayDial(peer));
    if (welcome.length > 0) this.#swarm.foundPeers(welcome, "dht");
  }
}
