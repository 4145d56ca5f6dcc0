// The way out of a member of a closed swarm, shared piece by piece: a piece that leaves at the full rate is passed on by
// whoever gets it while thirty that leave side by side are still on their way. States are told in STATE.md.

import type { MonotonicMs } from "../../world/clock.ts";
import type { IncomingRequest, PeerSession } from "../peer/session-host.ts";

/** Pieces under way at once, at least: one that arrives, one that travels, one that leaves. */
const PIECES_MIN = 12;
/** Of what travels at the best rate seen and the least delay seen: enough to keep the way full (as BBR does). */
/** Pieces that a stream has not taken yet, before the next one is given to any. */
const LEAVING_PIECES_MAX = 1;
const GAIN = 2;
/** The best rate and the least delay are forgotten after so long: ways change. */
const MEMORY_MS = 10_000;
/** What nobody says has arrived by then no longer stands in the way of others. */
const PATIENCE_MS = 2_000;

/** What it needs of a peer. */
export type Asker = Pick<PeerSession, "id" | "has" | "requestsIn" | "closed">;
export type Turn<Session extends Asker> = { readonly session: Session; readonly piece: number };

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
  #leavingBytes = 0;
  readonly #rate: Best = { value: 0, atMs: 0 };
  readonly #delay: Best = { value: 0, atMs: 0 };

  constructor(pieceBytes: number, copies: (piece: number) => number) {
    this.#pieceBytes = pieceBytes;
    this.#copies = copies;
  }

  /** Whether another piece may leave. */
  get hasRoom(): boolean {
    return this.#bytes < this.bytesMax && this.#leavingBytes < LEAVING_PIECES_MAX * this.#pieceBytes;
  }

  get bytesMax(): number {
    return Math.max(PIECES_MIN * this.#pieceBytes, (GAIN * this.#rate.value * this.#delay.value) / 1000);
  }

  /** Whether some of the piece is on its way to the peer: what it asks of the piece belongs to the same turn. */
  isServing(session: Session, piece: number): boolean {
    return this.#underWay.get(session)?.some((one) => one.piece === piece) ?? false;
  }

  left(session: Session, piece: number, bytes: number, nowMs: MonotonicMs): void {
    this.#bytes += bytes;
    this.#leavingBytes += bytes;
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

  /** The network has taken so much of what left. */
  taken(bytes: number): void {
    this.#leavingBytes -= bytes;
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
  }

  /** Once a second. */
  tick(nowMs: MonotonicMs): void {
    for (const [session, own] of this.#underWay) {
      if (own.some((one) => nowMs - one.sinceMs > PATIENCE_MS)) this.forget(session);
    }
  }

  /**
   * Who is served next, the most urgent first: what the fewest have, then whoever has the least to pass on. A peer that
   * is being served goes on before all others.
   */
  turns(askers: Iterable<Session>): Turn<Session>[] {
    const { hasRoom } = this;
    const turns: (Turn<Session> & { copies: number; held: number; order: number })[] = [];
    for (const session of askers) {
      let last = -1;
      for (const { piece } of session.requestsIn) {
        if (piece === last) continue;
        last = piece;
        const isServing = this.isServing(session, piece);
        if (!isServing && !hasRoom) continue;
        const copies = isServing ? -1 : this.#copies(piece);
        turns.push({ session, piece, copies, held: session.has?.count ?? 0, order: turns.length });
      }
    }
    return turns.sort((a, b) => a.copies - b.copies || a.held - b.held || a.order - b.order);
  }
}

function note(best: Best, value: number, nowMs: MonotonicMs): void {
  best.value = value;
  best.atMs = nowMs;
}

export function bytesOf(requests: readonly IncomingRequest[]): number {
  return requests.reduce((sum, one) => sum + one.lengthBytes, 0);
}
