// What a peer may be asked for whose bytes may be bad: one piece at a time by itself, or blocks of pieces that several
// peers send, so that what it spoils stays small.

import type { ActivePiece } from "./active-piece.ts";
import type { Bitfield } from "./bitfield.ts";

export type Probation =
  /** One whole piece; so many may be under way from all peers that are tried like this. */
  | { readonly kind: "whole"; readonly exposedMax: number }
  /**
   * So many more blocks of one piece, which others complete, and in which nobody else has a part who is tried. So many
   * pieces like that may be under way: who completes them may lie too.
   */
  | ShareProbation
  | PartProbation
  /** What it began, and what replaces blocks of bad pieces. */
  | { readonly kind: "mends" };

/**
 * Parts of pieces that several peers send, so that nobody spoils much: no more of each than one of so many senders has to
 * send, and of so many more pieces.
 */
export type PartProbation = {
  readonly kind: "part";
  readonly senders: number;
  readonly piecesLeft: number;
  /** How many blocks of a piece this peer owes or has sent. */
  readonly partIn: (piece: number) => number;
};

export type ShareProbation = { readonly kind: "share"; readonly blocksMax: number; readonly piecesMax: number };

type Wish = {
  readonly peer: number;
  readonly has: Bitfield;
  readonly refuses?: ((piece: number) => boolean) | undefined;
};

/** Whether the peer may be asked for a whole piece now. */
export function mayBeTried(peer: number, exposedMax: number, pieces: Iterable<ActivePiece>): boolean {
  let exposed = 0;
  for (const { tried, owner, left } of pieces) {
    if (tried === peer && (owner === peer || left === 0)) return false;
    if (tried !== undefined && owner === tried) exposed++;
  }
  return exposed < exposedMax;
}

/** A piece that somebody began and left: it goes before a new one. */
export function orphanFor(wish: Wish, pieces: Iterable<ActivePiece>): ActivePiece | undefined {
  for (const active of pieces) if (active.owner === undefined && isOpenTo(wish, active)) return active;
  return undefined;
}

/** The piece in which the peer has a part, or one under way in which it may have one; "none" when it has to wait. */
export function trialFor(
  wish: Wish,
  piecesMax: number,
  pieces: Iterable<ActivePiece>,
): ActivePiece | "none" | undefined {
  let found: ActivePiece | undefined;
  let trials = 0;
  for (const active of pieces) {
    if (active.tried === wish.peer) return isOpenTo(wish, active) ? active : "none";
    if (active.tried !== undefined) trials++;
    else if (found === undefined && active.owner === undefined && isOpenTo(wish, active)) found = active;
  }
  return trials < piecesMax ? found : "none";
}

function isOpenTo({ has, refuses }: Wish, active: ActivePiece): boolean {
  return active.free > 0 && !active.alone && has.has(active.piece) && refuses?.(active.piece) !== true;
}
