// Picks for peers whose bytes may be bad. What a liar spoils is kept small: a whole piece of its own names it, a few blocks of
// a piece that others complete cost no more than those, and a block whose hash is known costs no more than itself.

import type { ActivePiece } from "./active-piece.ts";
import type { BlockKey } from "./block-key.ts";
import { canSend, type PickRequest } from "./pick-request.ts";
import { mayBeTried, orphanFor, type PartProbation, type ShareProbation, trialFor } from "./probation.ts";

export type Shelf = {
  readonly active: ReadonlyMap<number, ActivePiece>;
  /** Begins the next piece of the order, or this one; undefined when there is none that the peer can send. */
  readonly begin: (request: PickRequest, piece?: number) => ActivePiece | undefined;
};

export class Caution {
  readonly #shelf: Shelf;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** Of pieces whose blocks are checked as they arrive. */
  takeChecked(request: PickRequest, most: number, into: BlockKey[]): void {
    if (request.checked === undefined) return;
    const { pieces, blocksMax } = request.checked;
    const target = Math.min(most, into.length + blocksMax);
    for (const active of this.#shelf.active.values()) {
      if (into.length >= target) return;
      if (active.free === 0 || active.owner !== undefined || !pieces.has(active.piece)) continue;
      if (!canSend(request, active.piece)) continue;
      active.owner = request.peer;
      active.take(target, into);
    }
    let { room } = request;
    for (const piece of pieces.keys()) {
      if (into.length >= target || room <= 0) return;
      const active = this.#shelf.begin(request, piece);
      if (active === undefined) continue;
      room--;
      active.take(target, into);
    }
  }

  takeWhole(request: PickRequest, exposedMax: number, target: number, into: BlockKey[]): void {
    if (!mayBeTried(request.peer, exposedMax, this.#shelf.active.values())) return;
    const active = orphanFor(request, this.#shelf.active.values()) ?? this.#shelf.begin(request);
    if (active === undefined) return;
    active.tried = request.peer;
    active.owner = request.peer;
    active.take(target, into);
  }

  takeShare(request: PickRequest, { blocksMax, piecesMax }: ShareProbation, most: number, into: BlockKey[]): void {
    const target = Math.min(most, into.length + blocksMax);
    if (into.length >= target) return;
    const trial = trialFor(request, piecesMax, this.#shelf.active.values());
    const active = trial ?? (request.room > 0 ? this.#shelf.begin(request) : undefined);
    if (active === undefined || active === "none") return;
    active.tried = request.peer;
    if (!active.alone) active.owner = undefined;
    active.take(target, into);
  }

  takePart(
    request: PickRequest,
    { senders, piecesLeft, partIn }: PartProbation,
    target: number,
    into: BlockKey[],
  ): void {
    const shareOf = ({ blockCount }: ActivePiece) => Math.ceil(blockCount / senders);
    const before = into.length;
    let pieces = piecesLeft;
    for (const active of this.#shelf.active.values()) {
      if (into.length >= target) return;
      if (active.free === 0 || active.alone || active.owner !== undefined) continue;
      if (!canSend(request, active.piece)) continue;
      const part = partIn(active.piece);
      if (part >= shareOf(active) || (part === 0 && pieces <= 0)) continue;
      if (part === 0) pieces--;
      active.take(Math.min(target, into.length + shareOf(active) - part), into);
    }
    for (let { room } = request; into.length < target && room > 0 && pieces > 0; room--, pieces--) {
      const active = this.#shelf.begin(request);
      if (active === undefined) break;
      if (!active.alone) active.owner = undefined;
      active.take(active.alone ? target : Math.min(target, into.length + shareOf(active)), into);
    }
    if (into.length === before && request.isIdle) this.#help(request, into);
  }

  /** Nobody else may have what is left of a piece: whoever has nothing else to do completes it, block by block. */
  #help(request: PickRequest, into: BlockKey[]): void {
    for (const active of this.#shelf.active.values()) {
      if (active.free === 0 || active.alone || !canSend(request, active.piece)) continue;
      return active.take(into.length + 1, into);
    }
  }
}
