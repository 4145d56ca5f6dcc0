// The way out of a member of a closed swarm, shared piece by piece: a piece that leaves at the full rate is passed on by
// whoever gets it while thirty that leave side by side are still on their way.

import type { MonotonicMs } from "../../world/clock.ts";
import type { IncomingRequest, PeerSession } from "../peer/session-host.ts";

/** Pieces under way at once, at least: fewer leave the way empty whenever their takers' ways in are full. */
const PIECES_MIN = 12;
/** Pieces that a stream has not taken yet, before the next one is given to any. */
const LEAVING_PIECES_MAX = 1;
/** Of what travels at the best rate and the least delay seen: enough to keep a long way full (as BBR does). */
const GAIN = 2;
/** The best rate and the least delay are forgotten after so long: ways change. */
const MEMORY_MS = 10_000;
/** What nobody says has arrived by then no longer stands in the way of others. */
const PATIENCE_MS = 2_000;

/** What it needs of a peer. */
export type Asker = Pick<PeerSession, "id" | "has" | "requestsIn" | "closed">;
type Turn<Session extends Asker> = { readonly session: Session; readonly piece: number };

type UnderWay = {
  readonly piece: number;
  bytes: number;
  readonly sinceMs: MonotonicMs;
  /** Bytes that had arrived anywhere when this left. */
  readonly arrivedBefore: number;
};

type Best = { value: number; atMs: number };

export class ServingLine<Session extends Asker> {
  readonly #pieceBytes: number;
  readonly #copies: (piece: number) => number;
  readonly #underWay = new Map<Session, UnderWay[]>();
  #bytes = 0;
  #arrivedBytes = 0;
  /** Given to streams that have not taken it yet. */
  readonly #leaving = new Map<Session, number>();
  #leavingBytes = 0;
  readonly #rate: Best = { value: 0, atMs: 0 };
  readonly #delay: Best = { value: 0, atMs: 0 };

  constructor(pieceBytes: number, copies: (piece: number) => number) {
    this.#pieceBytes = pieceBytes;
    this.#copies = copies;
  }

  /** Whether another piece may leave. */
  get #hasRoom(): boolean {
    return this.#bytes < this.#bytesMax && this.#leavingBytes < LEAVING_PIECES_MAX * this.#pieceBytes;
  }

  get #bytesMax(): number {
    return Math.max(PIECES_MIN * this.#pieceBytes, (GAIN * this.#rate.value * this.#delay.value) / 1000);
  }

  /** Whether some of the piece is on its way to the peer: what it asks of the piece belongs to the same turn. */
  #isServing(session: Session, piece: number): boolean {
    return this.#underWay.get(session)?.some((one) => one.piece === piece) ?? false;
  }

  left(session: Session, piece: number, bytes: number, nowMs: MonotonicMs): void {
    this.#bytes += bytes;
    this.#leave(session, bytes);
    const own = this.#underWay.get(session);
    const same = own?.find((one) => one.piece === piece);
    if (same !== undefined) {
      same.bytes += bytes;
      return;
    }
    const entry = { piece, bytes, sinceMs: nowMs, arrivedBefore: this.#arrivedBytes };
    if (own === undefined) this.#underWay.set(session, [entry]);
    else own.push(entry);
  }

  /** The network has taken so much of what left; a taker that was given up is not waited for. */
  taken(session: Session, bytes: number): void {
    this.#leave(session, -Math.min(bytes, this.#leaving.get(session) ?? 0));
  }

  #leave(session: Session, bytes: number): void {
    const leaving = (this.#leaving.get(session) ?? 0) + bytes;
    this.#leavingBytes += bytes;
    if (leaving > 0) this.#leaving.set(session, leaving);
    else this.#leaving.delete(session);
  }

  /** The peer has the piece. */
  arrived(session: Session, piece: number, nowMs: MonotonicMs): void {
    this.#take(session, (one) => one.piece === piece, nowMs);
  }

  /** A peer that asks for more than it did has received as much of what it asked for first. */
  askedMore(session: Session, bytes: number, nowMs: MonotonicMs): void {
    const [first] = this.#underWay.get(session) ?? [];
    if (first === undefined) return;
    if (bytes >= first.bytes) this.#take(session, (one) => one === first, nowMs);
    else {
      first.bytes -= bytes;
      this.#bytes -= bytes;
      this.#arrivedBytes += bytes;
    }
  }

  #take(session: Session, isMeant: (one: UnderWay) => boolean, nowMs: MonotonicMs): void {
    const own = this.#underWay.get(session);
    const entry = own?.find(isMeant);
    if (own === undefined || entry === undefined) return;
    own.splice(own.indexOf(entry), 1);
    if (own.length === 0) this.#underWay.delete(session);
    this.#bytes -= entry.bytes;
    this.#arrivedBytes += entry.bytes;
    const tookMs = Math.max(1, nowMs - entry.sinceMs);
    const rate = ((this.#arrivedBytes - entry.arrivedBefore) * 1000) / tookMs;
    if (rate >= this.#rate.value || nowMs - this.#rate.atMs > MEMORY_MS) note(this.#rate, rate, nowMs);
    if (tookMs <= this.#delay.value || this.#delay.value === 0 || nowMs - this.#delay.atMs > MEMORY_MS) {
      note(this.#delay, tookMs, nowMs);
    }
  }

  forget(session: Session): void {
    for (const one of this.#underWay.get(session) ?? []) this.#bytes -= one.bytes;
    this.#underWay.delete(session);
    this.taken(session, Number.POSITIVE_INFINITY);
  }

  /** Once a second: whoever takes nothing no longer holds the others up. */
  tick(nowMs: MonotonicMs): void {
    for (const [session, own] of this.#underWay) {
      if (own.some((one) => nowMs - one.sinceMs > PATIENCE_MS)) this.forget(session);
    }
  }

  /**
   * Who is served next, the most urgent first: who is in the middle of a piece, then what the fewest have, then whoever has
   * the least to pass on. Only the first kind while there is no room.
   */
  turns(askers: Iterable<Session>): Turn<Session>[] {
    const hasRoom = this.#hasRoom;
    return this.#turns(askers, (isServed) => isServed || hasRoom);
  }

  /** Pieces that wait for their turn, the most urgent first. */
  waiting(askers: Iterable<Session>): Turn<Session>[] {
    return this.#turns(askers, (isServed) => !isServed);
  }

  #turns(askers: Iterable<Session>, isMeant: (isServed: boolean) => boolean): Turn<Session>[] {
    const turns: (Turn<Session> & { readonly copies: number; readonly held: number })[] = [];
    for (const session of askers) {
      let last: number | undefined;
      for (const { piece } of session.requestsIn) {
        if (piece === last) continue;
        last = piece;
        const isServed = this.#isServing(session, piece);
        if (!isMeant(isServed)) continue;
        turns.push({ session, piece, copies: isServed ? 0 : this.#copies(piece), held: session.has?.count ?? 0 });
      }
    }
    return turns.sort((a, b) => a.copies - b.copies || a.held - b.held);
  }
}

function note(best: Best, value: number, nowMs: MonotonicMs): void {
  best.value = value;
  best.atMs = nowMs;
}

export function bytesOf(requests: readonly IncomingRequest[]): number {
  return requests.reduce((sum, one) => sum + one.lengthBytes, 0);
}
