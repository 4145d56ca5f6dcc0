// What a peer may be asked for whose bytes may be bad: one piece at a time, or a share of one that others complete.

import type { ActivePiece } from "./active-piece.ts";
import type { Bitfield } from "./bitfield.ts";

export type Probation = {
  /** Of a piece; below 1 others complete it. */
  readonly share: number;
  /** So many whole pieces may be under way from all peers on probation. */
  readonly exposedMax: number;
};

/** Whether the peer may be asked for something of a piece now. */
export function mayBeTried(peer: number, { share, exposedMax }: Probation, pieces: Iterable<ActivePiece>): boolean {
  let exposed = 0;
  for (const { tried, owner, left } of pieces) {
    // A share whose piece nobody completes, because who was trusted has left, is completed by the peer itself.
    if (tried === peer && (owner === peer || share < 1 || left === 0)) return false;
    if (tried !== undefined && owner === tried) exposed++;
  }
  return exposed < exposedMax;
}

/** A piece that somebody began and left: it goes before a new one. */
export function orphanFor(
  request: { readonly has: Bitfield; readonly refuses?: ((piece: number) => boolean) | undefined },
  { share }: Probation,
  pieces: Iterable<ActivePiece>,
): ActivePiece | undefined {
  if (share < 1) return undefined;
  for (const active of pieces) {
    if (active.owner !== undefined || active.free === 0 || !request.has.has(active.piece)) continue;
    if (request.refuses?.(active.piece) !== true) return active;
  }
  return undefined;
}
