// Decides which blocks to ask a peer for. Pure: no I/O, no clock, chance from outside. States are told in STATE.md.

import { assert, present } from "../../base/assert.ts";
import type { Random } from "../../world/random.ts";
import { ActivePiece } from "./active-piece.ts";
import { Availability } from "./availability.ts";
import type { Bitfield } from "./bitfield.ts";
import { BLOCKS_PER_PIECE_MAX, type BlockKey } from "./block-key.ts";
import { Caution } from "./caution.ts";
import { takeOwed } from "./owed.ts";
import { canSend, type PickRequest } from "./pick-request.ts";
import { orderPieces } from "./piece-order.ts";

export type PickerOptions = {
  readonly pieceCount: number;
  readonly blockCount: (piece: number) => number;
  readonly order: "rarest" | "sequential";
};

/** News of one piece in so many make the order of all outdated. */
const NEWS_SHARE = 16;
const ENDGAME_BLOCKS_MAX = 16;

export class Picker {
  readonly #options: PickerOptions;
  readonly #random: Random;
  readonly #availability: Availability;
  readonly #done: Uint8Array;
  readonly #wanted: Uint8Array;
  #wantedLeft = 0;
  readonly #active = new Map<number, ActivePiece>();
  readonly #caution = new Caution({ active: this.#active, begin: (request, piece) => this.#begin(request, piece) });
  /** Pieces that failed with several senders. */
  readonly #alone = new Set<number>();
  #urgent: readonly number[] = [];
  #rescued: ReadonlySet<number> = new Set();
  #order: Uint32Array = new Uint32Array(0);
  #head = 0;
  #stale = true;

  constructor(options: PickerOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    this.#availability = new Availability(options.pieceCount);
    this.#done = new Uint8Array(options.pieceCount);
    this.#wanted = new Uint8Array(options.pieceCount).fill(1);
    this.#wantedLeft = options.pieceCount;
  }

  get active(): ReadonlyMap<number, ActivePiece> {
    return this.#active;
  }

  /** Wanted pieces that are not verified. */
  get wantedLeft(): number {
    return this.#wantedLeft;
  }

  /** Connected peers that have the piece. */
  copiesOf(piece: number): number {
    return this.#availability.of(piece);
  }

  isDone(piece: number): boolean {
    return this.#done[piece] === 1;
  }

  isWanted(piece: number): boolean {
    return this.#wanted[piece] === 1 && this.#done[piece] === 0;
  }

  /** Whether somebody with these pieces has one that we want. */
  isUseful(has: Bitfield): boolean {
    if (this.#wantedLeft === 0) return false;
    if (has.isFull) return true;
    for (const piece of has.indices()) if (this.isWanted(piece)) return true;
    return false;
  }

  /** Wanted pieces that no connected peer has. */
  missingEverywhere(): number {
    let missing = 0;
    for (let n = 0; n < this.#options.pieceCount; n++) if (this.isWanted(n) && this.copiesOf(n) === 0) missing++;
    return missing;
  }

  setWanted(isWanted: (piece: number) => boolean): void {
    this.#wantedLeft = 0;
    for (let n = 0; n < this.#options.pieceCount; n++) {
      this.#wanted[n] = isWanted(n) ? 1 : 0;
      if (this.isWanted(n)) this.#wantedLeft++;
    }
    this.#stale = true;
  }

  /** These go before all others, in this order. */
  setUrgent(pieces: readonly number[]): void {
    this.#urgent = pieces;
    this.#stale = true;
  }

  /** Pieces that would come too late: whoever is not slow is asked for their blocks too, whoever owes them. */
  rescue(pieces: readonly number[]): void {
    this.#rescued = new Set(pieces);
  }

  isRescued(piece: number): boolean {
    return this.#rescued.has(piece);
  }

  peerCame(has: Bitfield): void {
    this.#availability.peerCame(has);
    this.#stale = true;
  }

  peerWent(has: Bitfield): void {
    this.#availability.peerWent(has);
    this.#stale = true;
  }

  /** Call after the bit was set in `has`. */
  peerGot(piece: number, has: Bitfield): void {
    this.#availability.peerGot(piece, has);
    this.#stale = true;
  }

  /** Call after the bit was taken from `has`. */
  peerLost(piece: number, has: Bitfield): void {
    this.#availability.peerLost(piece, has);
    this.#stale = true;
  }

  /** The piece is here and verified. */
  finish(piece: number): void {
    if (this.isWanted(piece)) this.#wantedLeft--;
    this.#done[piece] = 1;
    this.#active.delete(piece);
    this.#alone.delete(piece);
  }

  /** The piece has to be fetched (again); `alone`: by one peer only, so that a bad copy names its sender. */
  reopen(piece: number, how: { readonly alone: boolean } = { alone: false }): void {
    this.#active.delete(piece);
    if (how.alone) this.#alone.add(piece);
    else this.#alone.delete(piece);
    if (this.isDone(piece)) {
      this.#done[piece] = 0;
      if (this.isWanted(piece)) this.#wantedLeft++;
    }
    this.#stale = true;
  }

  /** The pieces of a peer that left may be finished by anybody. */
  disown(peer: number): void {
    for (const active of this.#active.values()) active.disown(peer);
  }

  /** Peers' news moved the order; cheap enough once a second, not once a message. */
  refresh(): void {
    if (this.#stale) this.#rebuild();
  }

  /** Appends the blocks to ask for to `into`; `isAsked` tells what this peer already owes. */
  pick(request: PickRequest, isAsked: (key: BlockKey) => boolean, into: BlockKey[]): void {
    const before = into.length;
    const target = before + request.count;
    this.#takeFrom(({ owner }) => owner === request.peer, request, target, into);
    const { probation, repeatsMax = ENDGAME_BLOCKS_MAX } = request;
    this.#caution.takeChecked(request, target, into);
    if (request.refuses !== undefined) this.#takeFrom(isMended, request, target, into);
    if (probation?.kind === "mends") return;
    if (probation?.kind === "share") return this.#caution.takeShare(request, probation, target, into);
    // In the endgame, and when memory is spent on pieces that nobody completes, everybody helps.
    if (probation?.kind === "whole" && request.room > 0 && !this.#isEndgame) {
      return this.#caution.takeWhole(request, probation.exposedMax, target, into);
    }
    if (this.#rescued.size > 0 && !request.prefersSharing) this.#help(request, isAsked, target, into);
    if (probation?.kind === "part") this.#caution.takePart(request, probation, target, into);
    else this.#takeFreely(request, target, into);
    // Only when nothing else is left. The last blocks are asked for twice, and cancelled where they lose.
    if (into.length > before || !request.isIdle || !this.#isEndgame) return;
    const blocksMax = Math.min(request.count, repeatsMax, ENDGAME_BLOCKS_MAX);
    takeOwed(this.#owed(request, isAsked, this.#active.values(), blocksMax), into);
  }

  #takeFreely(request: PickRequest, target: number, into: BlockKey[]): void {
    this.#takeFrom(({ owner }) => owner === undefined, request, target, into);
    if (request.prefersSharing) this.#takeFrom(isShared, request, target, into);
    for (let room = request.room; into.length < target && room > 0; room--) {
      const active = this.#begin(request);
      if (active === undefined) break;
      active.take(target, into);
    }
    this.#takeFrom(isShared, request, target, into);
  }

  #takeFrom(chosen: (active: ActivePiece) => boolean, request: PickRequest, target: number, into: BlockKey[]): void {
    if (into.length >= target) return;
    for (const active of this.#active.values()) {
      if (active.free === 0 || !chosen(active) || !canSend(request, active.piece)) continue;
      if (!active.isMended) active.owner ??= request.peer;
      active.take(target, into);
      if (into.length >= target) return;
    }
  }

  #begin(request: PickRequest, chosen?: number): ActivePiece | undefined {
    if (chosen !== undefined)
      return this.#isOpen(chosen) && request.has.has(chosen) ? this.#open(chosen, request) : undefined;
    if (this.#stale && (this.#head >= this.#order.length || this.#isOutdated)) this.#rebuild();
    while (this.#head < this.#order.length && !this.#isOpen(this.#order[this.#head] ?? 0)) this.#head++;
    const mayBeAlone = request.probation === undefined || request.probation.kind === "part" || this.#isEndgame;
    for (let at = this.#head; at < this.#order.length; at++) {
      const piece = present(this.#order[at], "a piece of the order");
      if (!this.#isOpen(piece) || !request.has.has(piece)) continue;
      if (mayBeAlone || !this.#alone.has(piece)) return this.#open(piece, request);
    }
    return undefined;
  }

  /** Pieces that are not begun, in the order in which they would be. */
  *upcoming(): Generator<number> {
    for (const piece of this.#order.subarray(this.#head)) if (this.#isOpen(piece)) yield piece;
  }

  #open(piece: number, { peer }: PickRequest): ActivePiece {
    const active = new ActivePiece(piece, this.#options.blockCount(piece), peer, this.#alone.has(piece));
    assert(active.blockCount < BLOCKS_PER_PIECE_MAX, "a piece's blocks fit its keys");
    this.#active.set(piece, active);
    return active;
  }

  #help(request: PickRequest, isAsked: (key: BlockKey) => boolean, target: number, into: BlockKey[]): void {
    this.#takeFrom(({ piece, alone }) => !alone && this.#rescued.has(piece), request, target, into);
    const pieces = [...this.#rescued].flatMap((piece) => this.#active.get(piece) ?? []);
    takeOwed(this.#owed(request, isAsked, pieces, target - into.length), into);
  }

  #owed(request: PickRequest, isAsked: (key: BlockKey) => boolean, pieces: Iterable<ActivePiece>, blocksMax: number) {
    return {
      pieces,
      canSend: (piece: number) => canSend(request, piece),
      isLeftOut: (key: BlockKey) => isAsked(key) || request.mayRepeat?.(key) === false,
      blocksMax,
    };
  }

  // Every piece that is missing is under way. Before that an idle peer waits: what it could send twice is not the last.
  get #isEndgame(): boolean {
    return this.#wantedLeft <= this.#active.size;
  }

  // In a fast swarm a second is long: what was rare is everywhere. Making the order anew costs as much as the news did.
  get #isOutdated(): boolean {
    return this.#availability.news * NEWS_SHARE > this.#order.length;
  }

  #isOpen(piece: number): boolean {
    return this.isWanted(piece) && !this.#active.has(piece);
  }

  #rebuild(): void {
    this.#order = orderPieces(
      {
        pieceCount: this.#options.pieceCount,
        isOpen: (piece) => this.#isOpen(piece),
        availability: (piece) => this.copiesOf(piece),
        kind: this.#options.order,
        urgent: this.#urgent,
      },
      this.#random,
    );
    this.#head = 0;
    this.#stale = false;
    this.#availability.takeNews();
  }
}

function isShared({ alone }: ActivePiece): boolean {
  return !alone;
}

function isMended({ owner, isMended }: ActivePiece): boolean {
  return isMended && owner === undefined;
}
