// What we asked a peer for and how much of it at once: enough to keep the line full, no more than the peer queues.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import { type BlockKey, pieceOfKey } from "../picker/block-key.ts";

const DEPTH_START = 16;
const DEPTH_MIN = 4;
/** 16 MiB under way to one peer: 1.3 s at 100 Mbit/s. */
const DEPTH_MAX = 1024;
/**
 * How long a request may wait in the peer's queue beyond the way there and back. Longer queues give no more speed, and
 * in a swarm they hold blocks at a busy peer that an idle one could send. But Transmission sends in pulses of 500 ms:
 * asked for less than a pulse holds, it sends less, is asked for less still, and the rate falls to nothing.
 */
const QUEUED_MS = 1_000;
const QUEUED_COOPERATIVE_MS = 300;
/** libtorrent's and Transmission's peers queue at least this many when they do not say. */
const REQUESTS_MAX_UNSAID = 250;
const SNUB_MS = 20_000;
/** Of requests in a row with nothing between them: who refuses so much while it does not choke us means to keep us busy. */
const REJECTED_MAX = 1_024;
/** A member of a closed swarm may be asked several whole pieces back. */
const REJECTED_BATCHES_MAX = 4;
const REST_MS = 20_000;
/** A peer that refused a request, because it has enough to send, is not asked again before that, unless it offers something. */
const REFUSED_MS = 100;

export class RequestWindow {
  readonly #sent = new Map<BlockKey, MonotonicMs>();
  #depth = DEPTH_START;
  #depthMax = REQUESTS_MAX_UNSAID;
  /** Doubles each round trip until requests begin to queue at the peer, as TCP's slow start does. */
  #probing = true;
  /** From request to arrival, at best: the way there and back. */
  #leastDelayMs = Number.POSITIVE_INFINITY;
  #progressAtMs: MonotonicMs;
  #snubbed = false;
  /** Since the last tick. */
  #wasFull = false;
  /** Blocks that are asked for together, at least. */
  #batch = 1;
  #grows = true;
  #queuedMs = QUEUED_MS;
  #rejectedInRow = 0;
  /** Set: nothing is asked for until then. */
  #restsUntilMs: number | undefined;
  #refusedAtMs: MonotonicMs | undefined;

  constructor(nowMs: MonotonicMs) {
    this.#progressAtMs = nowMs;
  }

  get size(): number {
    return this.#sent.size;
  }

  /** When the peer last sent what it was asked for, or was first asked. */
  get progressAtMs(): MonotonicMs {
    return this.#progressAtMs;
  }

  get snubbed(): boolean {
    return this.#snubbed;
  }

  /** Blocks to ask for now. Nothing until a quarter of the window is free, so that requests travel in batches. */
  get wanting(): number {
    if (this.#restsUntilMs !== undefined) return 0;
    const free = this.#depth - this.#sent.size;
    return free >= this.#batch && free * 4 >= this.#depth ? free : 0;
  }

  /**
   * A member of a closed swarm serves whole pieces in turns, and never in pulses: so is it asked. Where many members have
   * what is wanted, no more than one piece waits at each (`grows` false).
   */
  askWholePieces(blocks: number, grows: boolean): void {
    this.#batch = Math.min(blocks, DEPTH_MAX);
    this.#depth = grows ? Math.max(this.#batch, this.#depth) : this.#batch;
    this.#grows = grows;
    this.#queuedMs = QUEUED_COOPERATIVE_MS;
  }

  setRequestsMax(requestsMax: number): void {
    this.#depthMax = Math.max(1, Math.min(DEPTH_MAX, requestsMax));
    this.#depth = Math.max(this.#batch, Math.min(this.#depth, this.#depthMax));
  }

  /** When the block was asked for; undefined if it is not owed. */
  sentAtMs(key: BlockKey): MonotonicMs | undefined {
    return this.#sent.get(key);
  }

  has(key: BlockKey): boolean {
    return this.#sent.has(key);
  }

  /** How many blocks of the piece are owed. */
  blocksOf(piece: number): number {
    let blocks = 0;
    for (const key of this.#sent.keys()) if (pieceOfKey(key) === piece) blocks++;
    return blocks;
  }

  keys(): IterableIterator<BlockKey> {
    return this.#sent.keys();
  }

  sent(key: BlockKey, nowMs: MonotonicMs): void {
    if (this.#sent.size === 0) this.#progressAtMs = nowMs;
    this.#sent.set(key, nowMs);
    if (this.#sent.size >= this.#depth) this.#wasFull = true;
  }

  /** False when the block was not asked for. */
  arrived(key: BlockKey, nowMs: MonotonicMs): boolean {
    const sentAtMs = this.#sent.get(key);
    if (sentAtMs === undefined) return false;
    this.#sent.delete(key);
    this.#progressAtMs = nowMs;
    this.#snubbed = false;
    this.#rejectedInRow = 0;
    this.#restsUntilMs = undefined;
    const delayMs = nowMs - sentAtMs;
    this.#leastDelayMs = Math.min(this.#leastDelayMs, delayMs);
    if (delayMs > this.#leastDelayMs + this.#queuedMs) this.#probing = false;
    if (this.#probing && this.#grows && this.#depth < this.#depthMax) this.#depth++;
    return true;
  }

  /**
   * The peer will not send the block, though it does not choke us (BEP 6). One that rejects everything is snubbed: after a
   * rest it is tried with one batch at a time. False when the block was not asked for.
   */
  rejected(key: BlockKey, nowMs: MonotonicMs): boolean {
    if (!this.#sent.delete(key)) return false;
    this.#rejectedInRow++;
    if (this.#rejectedInRow >= Math.max(REJECTED_MAX, REJECTED_BATCHES_MAX * this.#batch)) {
      this.#restsUntilMs = nowMs + REST_MS;
      this.#snub();
    }
    return true;
  }

  /** The block will not come (choked, cancelled). */
  drop(key: BlockKey): boolean {
    return this.#sent.delete(key);
  }

  /** The peer has enough to send. It is asked again so seldom that its refusals are no flood. */
  refused(nowMs: MonotonicMs): void {
    this.#refusedAtMs = nowMs;
    this.#rejectedInRow = 0;
  }

  /** The peer has too little to send. */
  offered(): void {
    this.#refusedAtMs = undefined;
  }

  isRefused(nowMs: MonotonicMs): boolean {
    return this.#refusedAtMs !== undefined && nowMs - this.#refusedAtMs < REFUSED_MS;
  }

  /** Of one piece, or everything. */
  dropAll(piece?: number): BlockKey[] {
    const keys = [...this.#sent.keys()].filter((key) => piece === undefined || pieceOfKey(key) === piece);
    for (const key of keys) this.#sent.delete(key);
    return keys;
  }

  /** Once a second. True when the peer has just become one that owes and does not pay. */
  tick(nowMs: MonotonicMs, bytesPerSecond: number): boolean {
    if (this.#restsUntilMs !== undefined && nowMs >= this.#restsUntilMs) this.#restsUntilMs = undefined;
    if (!this.#probing && this.#grows) {
      const ahead = Math.ceil((bytesPerSecond * (this.#leastDelayMs + this.#queuedMs)) / 1000 / BLOCK_BYTES);
      const depth = Math.min(this.#depthMax, Math.max(DEPTH_MIN, this.#batch, ahead));
      // A window that was never full says nothing of what the peer can send (RFC 7661).
      this.#depth = this.#wasFull ? depth : Math.max(depth, this.#depth);
    }
    this.#wasFull = this.#sent.size >= this.#depth;
    if (this.#sent.size === 0 || this.#snubbed || nowMs - this.#progressAtMs < SNUB_MS) return false;
    this.#snub();
    return true;
  }

  #snub(): void {
    this.#snubbed = true;
    this.#depth = this.#batch;
    this.#probing = true;
  }
}
