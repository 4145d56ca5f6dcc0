// A piece that waits in one member's queue is fetched from another who can send it sooner. Whoever was asked first is asked
// for it back and answers: it alone knows whether the piece has left, so nothing is sent twice. States are told in STATE.md.

import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { ActivePiece } from "../picker/active-piece.ts";
import { type BlockKey, blockOfKey, pieceOfKey } from "../picker/block-key.ts";
import type { Members, SwarmFlow } from "./flow.ts";
import type { Requesting } from "./requesting.ts";

export type HandoverParts = Pick<SwarmFlow, "picker" | "assembly"> &
  Members & {
    readonly requesting: Requesting;
  };

type Handover = { readonly from: PeerSession; readonly to: PeerSession };

export class Handovers {
  readonly #parts: HandoverParts;
  /** By piece: what was asked back and is not answered yet. */
  readonly #pending = new Map<number, Handover>();

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  /** One more peer has the piece. It is fetched from any of them with the same chance, so that those who wait spread. */
  newHolder(session: PeerSession, piece: number): void {
    const { picker, random } = this.#parts;
    const from = this.#waitsAt(session, picker.active.get(piece));
    if (from === undefined || random.below(Math.max(1, picker.copiesOf(piece))) > 0) return;
    this.#askBack(piece, { from, to: session });
  }

  /** The peer has nothing to send: it gets the rarest of what waits elsewhere, unless there is something free to ask for. */
  offered(session: PeerSession, nowMs: MonotonicMs): void {
    const { picker, requesting } = this.#parts;
    requesting.askMore(session, nowMs);
    let rarest: { readonly piece: number; readonly from: PeerSession } | undefined;
    for (const active of picker.active.values()) {
      if (rarest !== undefined && picker.copiesOf(active.piece) >= picker.copiesOf(rarest.piece)) continue;
      const from = this.#waitsAt(session, active);
      if (from !== undefined) rarest = { piece: active.piece, from };
    }
    if (rarest !== undefined) this.#askBack(rarest.piece, { from: rarest.from, to: session });
  }

  /** Who owes all of the piece, when `session` could send it instead and is asked for nothing else. */
  #waitsAt(session: PeerSession, active: ActivePiece | undefined): PeerSession | undefined {
    if (active?.owner === undefined || active.owner === session.id || active.alone) return undefined;
    if (session.closed || session.chokesUs || session.window.size > 0) return undefined;
    if (session.has?.has(active.piece) !== true || this.#pending.has(active.piece)) return undefined;
    const owner = this.#parts.sessions.get(active.owner);
    // BEP 6: without the fast extension nobody says what becomes of a request that is cancelled.
    // Who refuses keeps only what it sends soon: that is quicker than to ask it back.
    if (owner?.fast !== true || owner.takesRefusals || active.free > 0 || active.left < active.blockCount)
      return undefined;
    return owner.window.blocksOf(active.piece) === active.blockCount ? owner : undefined;
  }

  #askBack(piece: number, handover: Handover): void {
    const { picker, assembly } = this.#parts;
    this.#pending.set(piece, handover);
    const blocks = picker.active.get(piece)?.blockCount ?? 0;
    for (let block = 0; block < blocks; block++) handover.from.out.block("cancel", assembly.request(piece, block));
  }

  /** It comes from where it was asked for after all. */
  begun(piece: number): void {
    this.#pending.delete(piece);
  }

  /** The peer will not send these blocks. True when they were asked back and go where they were meant to. */
  givenBack(from: PeerSession, keys: readonly BlockKey[], nowMs: MonotonicMs): boolean {
    const [key, ...others] = keys;
    if (key === undefined) return false;
    if (others.length > 0) {
      for (const one of keys)
        if (this.#pending.get(pieceOfKey(one))?.from === from) this.#pending.delete(pieceOfKey(one));
      return false;
    }
    const piece = pieceOfKey(key);
    const handover = this.#pending.get(piece);
    const active = this.#parts.picker.active.get(piece);
    if (handover?.from !== from || active === undefined) return false;
    active.release(blockOfKey(key));
    if (from.window.blocksOf(piece) > 0) return true;
    this.#pending.delete(piece);
    this.#handOver(active, handover, nowMs);
    return true;
  }

  #handOver(active: ActivePiece, { from, to }: Handover, nowMs: MonotonicMs): void {
    const { requesting, sessions } = this.#parts;
    active.owner = to.closed ? undefined : to.id;
    requesting.askMore(to, nowMs);
    requesting.askMore(from, nowMs);
    if (active.free === 0) return;
    // The one that was to send it is asked for something else by now, or chokes: anybody may.
    active.owner = undefined;
    for (const session of sessions.values()) requesting.askMore(session, nowMs);
  }
}
