// Blocks that others were asked for and have not sent: asked for once more where waiting costs more than a block sent twice.

import type { ActivePiece } from "./active-piece.ts";
import { type BlockKey, blockKey } from "./block-key.ts";

const REQUESTERS_MAX = 3;

export type OwedRequest = {
  readonly pieces: Iterable<ActivePiece>;
  readonly canSend: (piece: number) => boolean;
  /** Blocks that this peer owes already, or that may not be asked for twice. */
  readonly isLeftOut: (key: BlockKey) => boolean;
  readonly blocksMax: number;
};

/** Appends to `into`, in which nothing is named twice. Pieces that one peer has to send alone are left to it. */
export function takeOwed({ pieces, canSend, isLeftOut, blocksMax }: OwedRequest, into: BlockKey[]): void {
  const target = into.length + blocksMax;
  for (const active of pieces) {
    if (active.left === 0 || active.alone || !canSend(active.piece)) continue;
    for (let block = 0; block < active.blockCount; block++) {
      if (into.length >= target) return;
      const asked = active.askedOf(block);
      const key = blockKey(active.piece, block);
      if (asked === 0 || asked >= REQUESTERS_MAX || isLeftOut(key) || into.includes(key)) continue;
      active.askAgain(block);
      into.push(key);
    }
  }
}
