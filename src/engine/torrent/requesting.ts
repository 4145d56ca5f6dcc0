// Asks peers for blocks: as many as their windows, the limits and the memory allow, chosen by the picker.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { TokenBuckets } from "../limits/token-bucket.ts";
import type { PeerSession } from "../peer/session-host.ts";
import { type BlockKey, blockOfKey, pieceOfKey } from "../picker/block-key.ts";
import type { Picker } from "../picker/picker.ts";
import type { Probation } from "../picker/probation.ts";
import type { Assembly } from "./assembly.ts";
import type { Content } from "./content.ts";

/** Of all blocks: so many may be asked for twice. */
const REPEATS_SHARE = 0.01;
const REPEATS_MIN = 4;
/** Once somebody has lied: a block is asked for twice when it is owed for so long. */
const REPEATED_AFTER_MS = 500;
/** A peer that would need longer than this for a piece of its own helps with others' instead. */
const OWN_PIECE_MS_MAX = 20_000;

export type RequestingParts = {
  readonly content: Content;
  readonly picker: Picker;
  readonly assembly: Assembly;
  readonly down: TokenBuckets;
  /**
   * Members of a closed swarm need not prove themselves, and offer what they can send at once: nothing is asked for twice
   * before they had the time.
   */
  readonly cooperative: boolean;
  readonly sessions: () => Iterable<PeerSession>;
};

/** Whoever had a part in so many right pieces may replace blocks of a bad one, though others are trusted more. */
const TRUST_ENOUGH = 10;
/** A member that has sent nothing for so long is asked for what others owe. */
const OFFERED_WITHIN_MS = 1_000;

export class Requesting {
  readonly #parts: RequestingParts;
  /** How many more blocks may be asked for twice: what the endgame may waste. */
  #repeatsLeft: number;
  /** Reused: this runs for every read from every peer. */
  readonly #picked: BlockKey[] = [];

  constructor(parts: RequestingParts) {
    this.#parts = parts;
    const blocks = Math.ceil(parts.content.metainfo.totalBytes / BLOCK_BYTES);
    this.#repeatsLeft = Math.max(REPEATS_MIN, Math.floor(blocks * REPEATS_SHARE));
  }

  askMore(session: PeerSession, nowMs: MonotonicMs): void {
    if (session.closed || session.chokesUs || !session.weWant || session.has === undefined) return;
    const { picker, assembly, down, cooperative } = this.#parts;
    const wanting = session.window.wanting;
    if (wanting === 0 || session.window.isRefused(nowMs)) return;
    const { standings } = assembly;
    const { host } = session.stream.remote;
    const owed = session.window.size;
    const owedMax = cooperative ? Number.POSITIVE_INFINITY : standings.owedMax(host);
    const count = Math.min(wanting, owedMax - owed, Math.ceil(down.available(nowMs) / BLOCK_BYTES));
    if (count <= 0) return;
    const picked = this.#picked;
    picked.length = 0;
    const request = {
      peer: session.id,
      has: session.has,
      count,
      room: assembly.room(),
      prefersSharing: this.#isSlow(session),
      probation: cooperative ? undefined : this.#probationOf(session, nowMs),
      refuses: standings.hasFailed ? (piece: number) => this.#refuses(session, piece) : undefined,
      checked:
        standings.hasFailed && !cooperative
          ? { pieces: assembly.repairs.checked, blocksMax: standings.checkedMax(host) - owed }
          : undefined,
      repeatsMax: this.#repeatsLeft,
      mayRepeat: standings.hasFailed ? (key: BlockKey) => this.#isLate(key, nowMs) : undefined,
      isIdle: this.#isIdle(session, nowMs),
    };
    picker.pick(request, (key) => session.window.has(key), picked);
    for (const key of picked) {
      const asked = picker.active.get(pieceOfKey(key))?.askedOf(blockOfKey(key)) ?? 0;
      if (asked > 1 && !picker.isRescued(pieceOfKey(key))) this.#repeatsLeft--;
      const range = assembly.request(pieceOfKey(key), blockOfKey(key));
      session.window.sent(key, nowMs);
      session.out.block("request", range);
      down.spend(range.lengthBytes);
    }
  }

  #probationOf(session: PeerSession, nowMs: MonotonicMs): Probation | undefined {
    const { assembly } = this.#parts;
    const { host } = session.stream.remote;
    return assembly.standings.probation(host, {
      willing: () => this.#hostsWilling(),
      isAccused: () => assembly.isAccused(host),
      openBlocks: () => this.#owedOpenly(session) + assembly.openBlocksOf(host, session.id),
      openPieces: () => this.#openPieces(session),
      partIn: (piece) => this.#partIn(session, piece),
      nowMs,
    });
  }

  /** Blocks that the peer was asked for of pieces that do not belong to it. */
  #owedOpenly({ id, window }: PeerSession): number {
    let blocks = 0;
    for (const key of window.keys()) if (this.#parts.picker.active.get(pieceOfKey(key))?.owner !== id) blocks++;
    return blocks;
  }

  #openPieces({ stream, window }: PeerSession): number {
    const { assembly } = this.#parts;
    const pieces = new Set(assembly.piecesOf(stream.remote.host));
    for (const key of window.keys()) pieces.add(pieceOfKey(key));
    for (const piece of assembly.repairs.checked.keys()) pieces.delete(piece);
    return pieces.size;
  }

  #partIn({ stream, window }: PeerSession, piece: number): number {
    return this.#parts.assembly.blocksIn(piece, stream.remote.host) + window.blocksOf(piece);
  }

  *#hostsWilling(): Generator<string> {
    for (const session of this.#parts.sessions()) {
      if (!session.chokesUs && session.weWant && !session.window.snubbed) yield session.stream.remote.host;
    }
  }

  /** The piece was bad: what replaces its blocks comes from whoever is trusted most. */
  #refuses(session: PeerSession, piece: number): boolean {
    const { assembly, picker } = this.#parts;
    if (picker.active.get(piece)?.isMended !== true || assembly.repairs.checked.has(piece)) return false;
    const trust = assembly.trustIn(session.stream.remote.host, piece);
    if (trust >= TRUST_ENOUGH) return false;
    for (const other of this.#parts.sessions()) {
      if (other.has?.has(piece) !== true || other.chokesUs || !other.weWant || other.window.snubbed) continue;
      if (assembly.trustIn(other.stream.remote.host, piece) > trust) return true;
    }
    return false;
  }

  /** Among liars nobody owes much at once, and a bad piece waits for single blocks: what comes soon is not asked for twice. */
  #isLate(key: BlockKey, nowMs: MonotonicMs): boolean {
    for (const { window } of this.#parts.sessions()) {
      const sentAtMs = window.sentAtMs(key);
      if (sentAtMs !== undefined && nowMs - sentAtMs < REPEATED_AFTER_MS) return false;
    }
    return true;
  }

  #isIdle({ window }: PeerSession, nowMs: MonotonicMs): boolean {
    return window.size === 0 && (!this.#parts.cooperative || nowMs - window.progressAtMs >= OFFERED_WITHIN_MS);
  }

  #isSlow({ down }: PeerSession): boolean {
    const { pieceLengthBytes } = this.#parts.content.layout;
    return down.bytes > 0 && pieceLengthBytes * 1000 > down.bytesPerSecond * OWN_PIECE_MS_MAX;
  }

  /** The endgame: others were asked for the same block. What they send of it must not touch its place again. */
  cancelElsewhere(winner: PeerSession, key: BlockKey, sessions: Iterable<PeerSession>): void {
    for (const session of sessions) if (session !== winner) this.#takeBack(session, key);
  }

  /** False when the peer does not owe the block. */
  #takeBack(session: PeerSession, key: BlockKey): boolean {
    if (!session.window.drop(key)) return false;
    const range = this.#parts.assembly.request(pieceOfKey(key), blockOfKey(key));
    session.lateBlocks++;
    session.skipBlockOf(range.piece, range.beginBytes);
    session.out.block("cancel", range);
    return true;
  }

  /** Blocks that a peer will not send may be asked of others; what it is sending of them goes nowhere. */
  giveBack(session: PeerSession, keys: readonly BlockKey[]): void {
    const { picker } = this.#parts;
    for (const key of keys) {
      picker.active.get(pieceOfKey(key))?.release(blockOfKey(key));
      session.skipBlockOf(pieceOfKey(key), blockOfKey(key) * BLOCK_BYTES);
    }
    picker.disown(session.id);
  }
}
