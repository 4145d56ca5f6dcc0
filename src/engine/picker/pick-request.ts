// What a peer can be asked for now, and how far: all that the picker has to know of it.

import type { Bitfield } from "./bitfield.ts";
import type { BlockKey } from "./block-key.ts";
import type { Probation } from "./probation.ts";

/** Of these pieces so many blocks may be asked for, whoever the peer is: a bad one costs no more than itself. */
export type CheckedPieces = { readonly pieces: ReadonlyMap<number, unknown>; readonly blocksMax: number };

export type PickRequest = {
  /** The peer's number; it owns the pieces that it begins. */
  readonly peer: number;
  readonly has: Bitfield;
  readonly count: number;
  /** How many pieces may be begun now (memory). */
  readonly room: number;
  /** A slow peer helps with pieces under way before it begins one of its own. */
  readonly prefersSharing: boolean;
  readonly probation?: Probation | undefined;
  readonly refuses?: ((piece: number) => boolean) | undefined;
  /** Pieces whose blocks are checked as they arrive. */
  readonly checked?: CheckedPieces | undefined;
  readonly repeatsMax?: number;
  /** Whether a block that others owe may be asked for twice in the endgame; absent: every one may. */
  readonly mayRepeat?: ((key: BlockKey) => boolean) | undefined;
  /** Nothing is under way to this peer: in the endgame it may be asked for what others owe. */
  readonly isIdle: boolean;
};

export function canSend({ has, refuses }: Pick<PickRequest, "has" | "refuses">, piece: number): boolean {
  return has.has(piece) && refuses?.(piece) !== true;
}
