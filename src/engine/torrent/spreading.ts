// Super seeding (BEP 16), so that each piece leaves its only holder once before any leaves it twice: pieces are shown to
// one peer each, a few at a time, and the next when one of them has arrived. States are told in STATE.md.

import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { Bitfield } from "../picker/bitfield.ts";

/** Pieces on their way at once, to begin with: few, so that the first one is whole, and passed on, early. */
const ON_THE_WAY_MIN = 4;
const PER_PEER_MAX = 2;
/** A peer that has not fetched what it was shown by then is not counted on, and the piece is shown to another. */
const PATIENCE_MS = 20_000;

/** What it needs of a peer. */
type Taker = Pick<PeerSession, "has" | "closed"> & { readonly out: Pick<PeerSession["out"], "message"> };
type Shown = { readonly piece: number; readonly to: Taker; readonly sinceMs: number };

export class Spreading {
  readonly #pieceCount: number;
  readonly #pieceBytes: number;
  /** Pieces that some peer has, or was shown and is trusted to fetch. */
  readonly #given: Uint8Array;
  #next = 0;
  #onTheWayMax = ON_THE_WAY_MIN;
  #shown: Shown[] = [];
  /** When each was last shown a piece, in numbers that only grow. */
  readonly #turns = new WeakMap<Taker, number>();
  #turn = 0;
  /** Who kept a piece for longer than patience lasts: shown nothing before it has one more, while others are there. */
  readonly #late = new WeakSet<Taker>();

  constructor(pieceCount: number, pieceBytes: number) {
    this.#pieceCount = pieceCount;
    this.#pieceBytes = pieceBytes;
    this.#given = new Uint8Array(pieceCount);
  }

  /** Every piece has left once and arrived: from now on an ordinary seed does better. */
  get isDone(): boolean {
    return this.#next >= this.#pieceCount && this.#shown.length === 0;
  }

  /** What the peer brings along need not be shown to anybody. */
  met(has: Bitfield): void {
    for (const piece of has.indices()) this.arrived(piece);
  }

  /** Somebody has the piece now (`from`: who says so). True when it was on its way from us. */
  arrived(piece: number, from?: Taker): boolean {
    if (from !== undefined) this.#late.delete(from);
    const before = this.#shown.length;
    this.#given[piece] = 1;
    this.#shown = this.#shown.filter((one) => one.piece !== piece);
    return this.#shown.length < before;
  }

  /** A piece has left: more go at once where the line ran empty meanwhile, fewer where they queue. */
  adapt(queuedBytes: number): void {
    if (queuedBytes < this.#pieceBytes) this.#onTheWayMax++;
    else if (queuedBytes > ON_THE_WAY_MIN * this.#pieceBytes) {
      this.#onTheWayMax = Math.max(ON_THE_WAY_MIN, this.#onTheWayMax - 1);
    }
  }

  left(session: Taker): void {
    this.#takeBack((one) => one.to === session);
  }

  /** Shows what may be shown now: to the peer that has least on its way. */
  show(sessions: Iterable<Taker>, nowMs: MonotonicMs): void {
    const isLate = (one: Shown) => nowMs - one.sinceMs > PATIENCE_MS;
    for (const { to } of this.#shown.filter(isLate)) this.#late.add(to);
    this.#takeBack(isLate);
    const willing = Array.from(sessions).filter((session) => session.has?.isFull === false && !session.closed);
    const prompt = willing.filter((session) => !this.#late.has(session));
    const takers = prompt.length > 0 ? prompt : willing;
    while (this.#shown.length < this.#onTheWayMax) {
      const piece = this.#nextPiece();
      const to = this.#leastBusy(takers);
      if (piece === undefined || to === undefined) return;
      this.#given[piece] = 1;
      this.#shown.push({ piece, to, sinceMs: nowMs });
      this.#turns.set(to, ++this.#turn);
      to.out.message({ type: "have", piece });
    }
  }

  #nextPiece(): number | undefined {
    while (this.#given[this.#next] === 1) this.#next++;
    return this.#next < this.#pieceCount ? this.#next : undefined;
  }

  // Of those that have as little on their way: whoever has waited longest, so that each soon has something to pass on.
  #leastBusy(takers: readonly Taker[]): Taker | undefined {
    let least: { readonly session: Taker; readonly busy: number; readonly turn: number } | undefined;
    // One taker alone has nobody to pass anything on to: it gets as much as the line turns out to carry.
    const grown = takers.length === 1 ? this.#onTheWayMax - ON_THE_WAY_MIN : 0;
    for (const session of takers) {
      const busy = this.#shown.filter((one) => one.to === session).length;
      const turn = this.#turns.get(session) ?? 0;
      if (busy >= PER_PEER_MAX + grown) continue;
      if (least === undefined || busy < least.busy || (busy === least.busy && turn < least.turn)) {
        least = { session, busy, turn };
      }
    }
    return least?.session;
  }

  #takeBack(isLost: (one: Shown) => boolean): void {
    for (const { piece } of this.#shown.filter(isLost)) {
      this.#given[piece] = 0;
      this.#next = Math.min(this.#next, piece);
    }
    this.#shown = this.#shown.filter((one) => !isLost(one));
  }
}
