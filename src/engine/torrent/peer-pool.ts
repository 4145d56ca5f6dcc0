// The peers that a torrent knows of and has no connection to: whom to try next, and when again.

import { type Endpoint, formatEndpoint } from "../../domain/address/endpoint.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSource } from "../discovery/source.ts";
import type { RankOf } from "./peer-ranks.ts";

const KNOWN_MAX = 2000;
const RETRY_FIRST_MS = 5_000;
const RETRY_MAX_MS = 15 * 60_000;
const FAILURES_MAX = 8;

export type KnownPeer = {
  readonly remote: Endpoint;
  readonly source: PeerSource;
  at: "waiting" | "dialling" | "connected";
  failures: number;
  nextTryMs: number;
  lastFailure: string | undefined;
};

export class PeerPool {
  readonly #known = new Map<string, KnownPeer>();
  readonly #ranksNow: () => RankOf;

  /** Of peers that failed equally often the one of the greater rank goes first. */
  constructor(ranksNow: () => RankOf) {
    this.#ranksNow = ranksNow;
  }

  get size(): number {
    return this.#known.size;
  }

  peers(): IterableIterator<KnownPeer> {
    return this.#known.values();
  }

  /** False when it was known, or when the pool is full of peers that may still answer. */
  add(remote: Endpoint, source: PeerSource): boolean {
    const key = formatEndpoint(remote);
    const known = this.#known.get(key);
    // Introduced (BEP 55): the other side dials us in this moment, so we dial now whatever failed before.
    if (source === "holepunch" && known?.at === "waiting") known.nextTryMs = 0;
    if (known !== undefined || remote.port === 0) return false;
    if (this.#known.size >= KNOWN_MAX && !this.#dropWorst()) return false;
    this.#known.set(key, { remote, source, at: "waiting", failures: 0, nextTryMs: 0, lastFailure: undefined });
    return true;
  }

  get(remote: Endpoint): KnownPeer | undefined {
    return this.#known.get(formatEndpoint(remote));
  }

  remove(remote: Endpoint): void {
    this.#known.delete(formatEndpoint(remote));
  }

  removeHost(host: string): void {
    for (const [key, peer] of this.#known) if (peer.remote.host === host) this.#known.delete(key);
  }

  /** Those whose time has come, the most promising first. */
  due(nowMs: MonotonicMs, count: number): KnownPeer[] {
    const waiting: KnownPeer[] = [];
    for (const peer of this.#known.values()) if (peer.at === "waiting" && peer.nextTryMs <= nowMs) waiting.push(peer);
    // Every torrent asks each second, and most have nobody to dial.
    if (waiting.length === 0) return waiting;
    const rankOf = this.#ranksNow();
    const due = waiting.map((peer) => ({ peer, rank: rankOf(peer.remote) }));
    due.sort((a, b) => a.peer.failures - b.peer.failures || b.rank - a.rank || a.peer.nextTryMs - b.peer.nextTryMs);
    return due.slice(0, count).map(({ peer }) => peer);
  }

  /** Peers named by hand are tried for ever; others are given up after several failures in a row. */
  failed(peer: KnownPeer, why: string, nowMs: MonotonicMs): void {
    peer.at = "waiting";
    peer.failures++;
    peer.lastFailure = why;
    if (peer.failures >= FAILURES_MAX && peer.source !== "given") this.remove(peer.remote);
    const factor = peer.source === "given" ? Math.min(peer.failures, 3) : peer.failures;
    peer.nextTryMs = nowMs + Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (factor - 1));
  }

  /** A peer that served us and went is tried again soon; two that are complete have nothing for one another. */
  wentAway(remote: Endpoint, why: string, nowMs: MonotonicMs): void {
    const peer = this.get(remote);
    if (peer === undefined) return;
    peer.at = "waiting";
    peer.failures = 0;
    peer.lastFailure = why;
    peer.nextTryMs = nowMs + (why === "both-complete" ? RETRY_MAX_MS : RETRY_FIRST_MS);
  }

  /** We are not complete: those who are can be tried at once. */
  wantComplete(): void {
    for (const peer of this.#known.values()) if (peer.lastFailure === "both-complete") peer.nextTryMs = 0;
  }

  #dropWorst(): boolean {
    for (const [key, peer] of this.#known) {
      if (peer.at !== "waiting" || peer.failures === 0) continue;
      this.#known.delete(key);
      return true;
    }
    return false;
  }
}
