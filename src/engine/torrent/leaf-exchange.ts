// Learns the hashes of pieces' blocks (BEP 52's leaves). Nobody asks for them while nobody lies: telling them costs others
// the reading and hashing of the piece. Once a v2 piece was bad they are asked for of that piece, so that its right blocks
// stay and only who sent the others is banned, and of what is fetched next: a bad block is then known as it arrives.

import { bytesEqual } from "../../base/bytes.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import { rootOf, SHA256_BYTES } from "../../domain/metainfo/merkle.ts";
import type { MessageOf } from "../../wire/peer/format.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import type { Content } from "./content.ts";
import { LeafAnswers } from "./leaf-answers.ts";
import { type HashFields, type LeafPlace, leafPlaceOf } from "./leaf-place.ts";

/** BEP 52: at most this many hashes in one answer; blocks of larger pieces are not asked for. */
const LEAVES_MAX = 512;
/** A liar lets us wait: after so long a second peer is asked, and so on. */
const ASKED_AGAIN_MS = 500;
const ANSWER_MS_MAX = 5_000;
const PEERS_ASKED_MAX = 8;
/** As many as our own engine keeps for one peer. */
const OPEN_PER_PEER_MAX = 4;
const OPEN_MAX = 64;

type Wanted = {
  readonly asked: Map<PeerSession, MonotonicMs>;
  readonly tried: Set<PeerSession>;
  /** When somebody was asked last, or when it came to be wanted. */
  sinceMs: MonotonicMs;
  readonly place: LeafPlace;
};

export type LeafExchangeEvents = {
  /** The leaves of a piece, proven to lead to its hash. */
  leavesKnown(piece: number, leaves: Uint8Array): void;
  /** Nobody told them. */
  leavesUnknown(piece: number): void;
  /** Pieces whose leaves are of use though they have not failed, the first to be fetched first. None while nobody lied. */
  upcoming(): Iterable<number>;
};

export class LeafExchange {
  readonly answers: LeafAnswers;
  readonly #content: Content;
  readonly #events: LeafExchangeEvents;
  readonly #nowMs: () => MonotonicMs;
  readonly #wanted = new Map<number, Wanted>();
  /** Pieces whose leaves nobody told. */
  readonly #untold = new Set<number>();
  /** How many answers each peer owes. Whoever was given up may answer late. */
  readonly #owing = new WeakMap<PeerSession, number>();
  /** Whoever was asked and did not answer is not asked again. */
  readonly #silent = new WeakSet<PeerSession>();

  constructor(content: Content, store: StoreHandle, events: LeafExchangeEvents, nowMs: () => MonotonicMs) {
    this.#content = content;
    this.answers = new LeafAnswers(content, store);
    this.#events = events;
    this.#nowMs = nowMs;
  }

  /** Whether a message about hashes is one about leaves. */
  concerns({ baseLayer }: HashFields): boolean {
    return baseLayer === 0 && this.#content.metainfo.pieceLengthBytes > BLOCK_BYTES;
  }

  /** The piece failed. False when its leaves cannot be asked for. */
  want(piece: number): boolean {
    return this.#wanted.has(piece) || this.#add(piece);
  }

  #add(piece: number): boolean {
    const place = leafPlaceOf(this.#content, piece);
    if (place === undefined || place.levels === 0 || 2 ** place.levels > LEAVES_MAX) return false;
    this.#wanted.set(piece, { asked: new Map(), tried: new Set(), sinceMs: this.#nowMs(), place });
    return true;
  }

  #lookAhead(): void {
    for (const piece of this.#events.upcoming()) {
      if (this.#wanted.size >= OPEN_MAX) return;
      if (!this.#wanted.has(piece) && !this.#untold.has(piece)) this.#add(piece);
    }
  }

  askMore(session: PeerSession): void {
    if (!session.v2 || session.closed || this.#silent.has(session)) return;
    this.#lookAhead();
    const nowMs = this.#nowMs();
    for (const [piece, wanted] of this.#wanted) {
      if (this.#content.have.has(piece)) {
        this.#wanted.delete(piece);
        continue;
      }
      const owing = this.#owing.get(session) ?? 0;
      if (owing >= OPEN_PER_PEER_MAX) return;
      if (wanted.tried.has(session) || wanted.tried.size >= PEERS_ASKED_MAX) continue;
      if (wanted.asked.size > 0 && nowMs - wanted.sinceMs < ASKED_AGAIN_MS) continue;
      if (session.has?.has(piece) !== true) continue;
      wanted.asked.set(session, nowMs);
      wanted.sinceMs = nowMs;
      wanted.tried.add(session);
      this.#owing.set(session, owing + 1);
      session.out.message({ type: "hashRequest", ...requestFor(wanted.place) });
    }
  }

  /** Once a second: who does not answer has had its chance. */
  tick(): void {
    const nowMs = this.#nowMs();
    for (const [piece, { asked, tried, sinceMs }] of this.#wanted) {
      for (const [session, sentAtMs] of asked) {
        if (nowMs - sentAtMs < ANSWER_MS_MAX) continue;
        this.#silent.add(session);
        asked.delete(session);
      }
      const isHopeless = tried.size >= PEERS_ASKED_MAX || nowMs - sinceMs >= ANSWER_MS_MAX;
      if (asked.size === 0 && isHopeless) this.#giveUp(piece);
    }
  }

  #giveUp(piece: number): void {
    this.#wanted.delete(piece);
    this.#untold.add(piece);
    this.#events.leavesUnknown(piece);
  }

  peerGone(session: PeerSession): void {
    for (const { asked } of this.#wanted.values()) asked.delete(session);
  }

  rejected(session: PeerSession, message: HashFields): void {
    this.#answered(session);
    this.#find(session, message)?.wanted.asked.delete(session);
    this.askMore(session);
  }

  /** False when the peer owes none. */
  #answered(session: PeerSession): boolean {
    const owing = this.#owing.get(session) ?? 0;
    this.#owing.set(session, Math.max(0, owing - 1));
    return owing > 0;
  }

  /** Returns the fault for which the peer has to go. */
  received(session: PeerSession, message: MessageOf<"hashes">): string | undefined {
    if (!this.#answered(session)) return "hashes-unsolicited";
    const found = this.#find(session, message);
    if (found === undefined) return undefined;
    const { piece, wanted } = found;
    const { levels, hash } = wanted.place;
    wanted.asked.delete(session);
    const leaves = message.hashes.subarray(0, 2 ** levels * SHA256_BYTES);
    const isWhole = leaves.length === 2 ** levels * SHA256_BYTES;
    if (!isWhole || !bytesEqual(rootOf({ hashes: leaves, level: 0, levels }), hash)) return "hashes-forged";
    this.#wanted.delete(piece);
    this.#events.leavesKnown(piece, Uint8Array.from(leaves));
    this.askMore(session);
    return undefined;
  }

  #find(session: PeerSession, message: HashFields): { piece: number; wanted: Wanted } | undefined {
    for (const [piece, wanted] of this.#wanted) {
      if (!wanted.asked.has(session)) continue;
      const { first, root } = wanted.place;
      if (message.index === first && bytesEqual(message.piecesRoot, root)) return { piece, wanted };
    }
    return undefined;
  }
}

function requestFor({ root, first, levels }: LeafPlace): HashFields {
  return { piecesRoot: root, baseLayer: 0, index: first, length: 2 ** levels, proofLayers: 0 };
}
