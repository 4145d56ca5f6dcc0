// Fetches the info dictionary for a magnet (BEP 9). Each peer that has it is asked for the whole of it: whoever sends a
// wrong one is thereby known, and a few at a time cost little.

import { assert } from "../../base/assert.ts";
import { METADATA_BYTES_MAX, METADATA_PIECE_BYTES, type MetadataMessage } from "../../wire/peer/metadata-message.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSession } from "../peer/session-host.ts";

const PEERS_AT_ONCE = 3;
const REQUESTS_AT_ONCE = 4;
const SILENT_MS = 15_000;

export type MetadataFetchEvents = {
  ask(session: PeerSession, piece: number): void;
  /** A whole dictionary; false when it is not the one that the magnet names. */
  offer(bytes: Uint8Array): boolean;
  /** The peer sent one that is not what the magnet names. */
  forged(session: PeerSession): void;
};

type Fetch = {
  readonly bytes: Buffer;
  readonly arrived: Set<number>;
  asked: number;
  readonly pieceCount: number;
  progressAtMs: MonotonicMs;
};

export class MetadataFetch {
  readonly #events: MetadataFetchEvents;
  readonly #fetches = new Map<PeerSession, Fetch>();
  /** Peers that have it, in the order in which they came. */
  readonly #waiting = new Map<PeerSession, number>();
  #done = false;

  constructor(events: MetadataFetchEvents) {
    this.#events = events;
  }

  get isDone(): boolean {
    return this.#done;
  }

  /** H51: sizes that no torrent has are not believed, and nothing is allocated for them. */
  peerReady(session: PeerSession, totalBytes: number | undefined, nowMs: MonotonicMs): void {
    if (this.#done || totalBytes === undefined || totalBytes < 1 || totalBytes > METADATA_BYTES_MAX) return;
    if (this.#fetches.has(session)) return;
    this.#waiting.set(session, totalBytes);
    this.#startMore(nowMs);
  }

  peerGone(session: PeerSession, nowMs: MonotonicMs): void {
    this.#waiting.delete(session);
    if (this.#fetches.delete(session)) this.#startMore(nowMs);
  }

  tick(nowMs: MonotonicMs): void {
    for (const [session, fetch] of this.#fetches) {
      if (nowMs - fetch.progressAtMs > SILENT_MS) this.peerGone(session, nowMs);
    }
  }

  received(session: PeerSession, message: MetadataMessage, nowMs: MonotonicMs): string | undefined {
    if (message.type === "request" || this.#done) return undefined;
    const fetch = this.#fetches.get(session);
    if (fetch === undefined) return undefined;
    if (message.type === "reject") {
      this.peerGone(session, nowMs);
      return undefined;
    }
    const { piece, data } = message;
    const expected = Math.min(METADATA_PIECE_BYTES, fetch.bytes.length - piece * METADATA_PIECE_BYTES);
    if (piece >= fetch.asked || data.length !== expected) return "metadata-piece-wrong";
    // The same again is no progress: three such peers would keep a magnet from everybody else for ever.
    if (fetch.arrived.has(piece)) return undefined;
    fetch.bytes.set(data, piece * METADATA_PIECE_BYTES);
    fetch.arrived.add(piece);
    fetch.progressAtMs = nowMs;
    if (fetch.arrived.size === fetch.pieceCount) this.#complete(session, fetch, nowMs);
    else this.#askMore(session, fetch);
    return undefined;
  }

  #startMore(nowMs: MonotonicMs): void {
    for (const [session, totalBytes] of this.#waiting) {
      if (this.#fetches.size >= PEERS_AT_ONCE) return;
      this.#waiting.delete(session);
      const fetch: Fetch = {
        bytes: Buffer.alloc(totalBytes),
        arrived: new Set(),
        asked: 0,
        pieceCount: Math.ceil(totalBytes / METADATA_PIECE_BYTES),
        progressAtMs: nowMs,
      };
      this.#fetches.set(session, fetch);
      this.#askMore(session, fetch);
    }
  }

  #askMore(session: PeerSession, fetch: Fetch): void {
    while (fetch.asked < fetch.pieceCount && fetch.asked - fetch.arrived.size < REQUESTS_AT_ONCE) {
      this.#events.ask(session, fetch.asked++);
    }
  }

  #complete(session: PeerSession, fetch: Fetch, nowMs: MonotonicMs): void {
    this.#fetches.delete(session);
    if (this.#events.offer(new Uint8Array(fetch.bytes))) {
      this.#done = true;
      this.#fetches.clear();
      this.#waiting.clear();
      return;
    }
    this.#events.forged(session);
    assert(!this.#done, "a forged dictionary ends nothing");
    this.#startMore(nowMs);
  }
}
