// In which order peers are asked when blocks, memory or tokens come free: by lot. Liars answer first, and whoever goes by the
// order of answers tries all of them before anybody honest.

import type { Random } from "../../world/random.ts";

export class AskingOrder<Peer> {
  readonly #random: Random;
  #peers: readonly Peer[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  joined(peer: Peer): void {
    this.#peers = this.#peers.toSpliced(this.#random.below(this.#peers.length + 1), 0, peer);
  }

  left(peer: Peer): void {
    this.#peers = this.#peers.filter((other) => other !== peer);
  }

  /** Those who are there now, but for whoever leaves before its turn. */
  *turns(): Generator<Peer> {
    for (const peer of this.#peers) if (this.#peers.includes(peer)) yield peer;
  }
}
