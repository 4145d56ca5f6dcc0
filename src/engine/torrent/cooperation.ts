// What a member of a closed swarm does beyond what any peer may expect, so that the last of them finishes early: whole
// pieces are asked of one holder, while the swarm starts they are fetched from whoever can send them first, and whoever
// sent one hears that it arrived. Decision 0010 says why.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSession } from "../peer/session-host.ts";
import { type BlockKey, blockKey } from "../picker/block-key.ts";
import type { Members, SwarmFlow } from "./flow.ts";
import { Handovers } from "./handovers.ts";
import { Offers } from "./offers.ts";
import { Refusals } from "./refusals.ts";
import type { Requesting } from "./requesting.ts";

export type CooperationParts = SwarmFlow &
  Members & {
    readonly requesting: Requesting;
  };

const FEW_PEERS = 3;

export class Cooperation {
  readonly #parts: CooperationParts;
  readonly #handovers: Handovers;
  readonly #offers: Offers;
  readonly #refusals: Refusals;
  /** Who sent the latest block of a piece that is not verified yet. */
  readonly #senders = new Map<number, PeerSession>();

  constructor(parts: CooperationParts) {
    this.#parts = parts;
    this.#handovers = new Handovers(parts);
    this.#offers = new Offers(parts);
    this.#refusals = new Refusals(parts);
  }

  /** Somebody came: many holders with short queues serve better than few with long ones. */
  introduce(): void {
    const { content, sessions } = this.#parts;
    const blocks = Math.ceil(content.layout.pieceLengthBytes / BLOCK_BYTES);
    for (const { window } of sessions.values()) window.askWholePieces(blocks, sessions.size <= FEW_PEERS);
  }

  blockArrived(session: PeerSession, piece: number, wasAskedTwice: boolean): void {
    this.#senders.set(piece, session);
    this.#handovers.begun(piece);
    if (wasAskedTwice) this.#cancelRest(session, piece);
  }

  // The whole piece comes from here now that it has begun.
  #cancelRest(session: PeerSession, piece: number): void {
    const { picker, requesting, sessions } = this.#parts;
    const active = picker.active.get(piece);
    if (active === undefined) return;
    for (let block = 0; block < active.blockCount; block++) {
      const key = blockKey(piece, block);
      if (active.askedOf(block) > 1 && session.window.has(key)) {
        requesting.cancelElsewhere(session, key, sessions.values());
      }
    }
  }

  /** Who waits to hear that the piece is whole, though it has the piece itself. */
  verified(piece: number): PeerSession | undefined {
    const sender = this.#senders.get(piece);
    this.#senders.delete(piece);
    return sender;
  }

  pieceTold(session: PeerSession, piece: number, nowMs: MonotonicMs): void {
    this.#parts.requesting.askMore(session, nowMs);
    this.#handovers.newHolder(session, piece);
  }

  /** True when the blocks were asked back or refused, and are fetched from somebody else. */
  givenBack(session: PeerSession, keys: readonly BlockKey[], nowMs: MonotonicMs): boolean {
    if (this.#handovers.givenBack(session, keys, nowMs)) return true;
    const [key, ...others] = keys;
    return key !== undefined && others.length === 0 && this.#refusals.refused(session, key, nowMs);
  }

  offered(session: PeerSession, nowMs: MonotonicMs): void {
    session.window.offered();
    this.#handovers.offered(session, nowMs);
  }

  /** Everything that came with one read was handled: what is too much to send, or too little? */
  balance(nowMs: MonotonicMs): void {
    this.#offers.make(this.#refusals.refuse(), nowMs);
  }
}
