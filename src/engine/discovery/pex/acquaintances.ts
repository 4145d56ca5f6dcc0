// Who is connected to one swarm and what can be said about them: peer exchange tells it, holepunch introduces by it.

import { type Endpoint, formatEndpoint } from "../../../domain/address/endpoint.ts";
import type { ExtensionPeer } from "../../extension.ts";
import type { SwarmView } from "../source.ts";

const TOLD_MAX = 1000;

export class Acquaintances {
  readonly #holepunchers = new Map<string, ExtensionPeer>();
  /** Who told us of an endpoint: the one that can introduce us. The oldest are forgotten. */
  readonly #tellers = new Map<string, Endpoint>();

  /** Peers are known by where they accept connections, and by where they are connected from. */
  addHolepuncher(peer: ExtensionPeer): void {
    for (const key of keysOf(peer)) this.#holepunchers.set(key, peer);
  }

  removeHolepuncher(peer: ExtensionPeer): void {
    for (const [key, known] of this.#holepunchers) if (known === peer) this.#holepunchers.delete(key);
  }

  noteTold(endpoint: Endpoint, teller: Endpoint): void {
    this.#tellers.set(formatEndpoint(endpoint), teller);
    if (this.#tellers.size <= TOLD_MAX) return;
    for (const oldest of this.#tellers.keys()) {
      this.#tellers.delete(oldest);
      return;
    }
  }

  /** The connected peer that told us of the endpoint and can introduce us to it. */
  introducerTo(endpoint: Endpoint): ExtensionPeer | undefined {
    const teller = this.#tellers.get(formatEndpoint(endpoint));
    return teller === undefined ? undefined : this.holepuncherAt(teller);
  }

  holepuncherAt(endpoint: Endpoint): ExtensionPeer | undefined {
    return this.#holepunchers.get(formatEndpoint(endpoint));
  }
}

function keysOf({ remote, dialable }: ExtensionPeer): string[] {
  return [remote, ...(dialable === undefined ? [] : [dialable])].map(formatEndpoint);
}

/** Each swarm has its own acquaintances, shared by its extensions and forgotten with it. */
export class AcquaintancesOfSwarms {
  readonly #of = new WeakMap<SwarmView, Acquaintances>();

  of(swarm: SwarmView): Acquaintances {
    const known = this.#of.get(swarm) ?? new Acquaintances();
    this.#of.set(swarm, known);
    return known;
  }
}
