// The order in which pieces are begun: rarest first, ties in random order so that leechers differ; or the order of the
// content; and before all others what somebody waits for.

import type { Random } from "../../world/random.ts";

export type OrderInput = {
  readonly pieceCount: number;
  /** Whether the piece is still to be begun. */
  readonly isOpen: (piece: number) => boolean;
  readonly availability: (piece: number) => number;
  readonly kind: "rarest" | "sequential";
  /** Pieces with a deadline, the nearest first. */
  readonly urgent: readonly number[];
};

/** Pieces that nobody has are left out: there is nobody to ask. */
export function orderPieces(input: OrderInput, random: Random): Uint32Array {
  const open: number[] = [];
  for (let piece = 0; piece < input.pieceCount; piece++) {
    if (input.isOpen(piece) && input.availability(piece) > 0) open.push(piece);
  }
  const ordered = input.kind === "sequential" ? open : rarestFirst(shuffled(open, random), input.availability);
  if (input.urgent.length === 0) return Uint32Array.from(ordered);
  const first = new Set(input.urgent.filter((piece) => input.isOpen(piece)));
  return Uint32Array.from([...first, ...ordered.filter((piece) => !first.has(piece))]);
}

function rarestFirst(pieces: readonly number[], availability: (piece: number) => number): number[] {
  const shelves: number[][] = [];
  for (const piece of pieces) {
    const shelf = (shelves[availability(piece)] ??= []);
    shelf.push(piece);
  }
  return shelves.flat();
}

// One draw seeds a xorshift for the whole shuffle: drawing each step from outside costs more than the shuffle.
function shuffled(pieces: number[], random: Random): number[] {
  let state = random.below(0x7fffffff) + 1;
  for (let n = pieces.length - 1; n > 0; n--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (n + 1);
    const kept = pieces[n] ?? 0;
    pieces[n] = pieces[other] ?? 0;
    pieces[other] = kept;
  }
  return pieces;
}
