// Peers that others announced to this node: a bounded number, for half an hour each.

import { toHex } from "../../base/bytes.ts";
import { type Endpoint, formatEndpoint } from "../../domain/address/endpoint.ts";

const TORRENTS_MAX = 2_000;
const PEERS_MAX = 200;
const LIFE_MS = 30 * 60_000;

export class PeerStore {
  /** Hex of the info-hash → place of the peer → the peer and when it was announced. */
  readonly #torrents = new Map<string, Map<string, { readonly peer: Endpoint; readonly sinceMs: number }>>();

  add(infoHash: Uint8Array, peer: Endpoint, nowMs: number): void {
    const key = toHex(infoHash);
    const peers = this.#torrents.get(key) ?? new Map<string, { readonly peer: Endpoint; readonly sinceMs: number }>();
    peers.delete(formatEndpoint(peer));
    peers.set(formatEndpoint(peer), { peer, sinceMs: nowMs });
    forgetOldest(peers, PEERS_MAX);
    this.#torrents.delete(key);
    this.#torrents.set(key, peers);
    forgetOldest(this.#torrents, TORRENTS_MAX);
  }

  /** The newest first. */
  peers(infoHash: Uint8Array, nowMs: number): Endpoint[] {
    const peers = [...(this.#torrents.get(toHex(infoHash))?.values() ?? [])];
    return peers
      .filter(({ sinceMs }) => nowMs - sinceMs < LIFE_MS)
      .map(({ peer }) => peer)
      .toReversed();
  }
}

function forgetOldest<T>(map: Map<string, T>, entriesMax: number): void {
  const [oldest] = map.keys();
  if (map.size > entriesMax && oldest !== undefined) map.delete(oldest);
}
