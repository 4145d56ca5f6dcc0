// The same block from two peers at once (the endgame): each copy has memory of its own until one of them is whole. Two
// that filled one place would mix their bytes, and an honest peer would be banned for what a liar wrote into its block.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { BlockRange } from "../../wire/peer/block-frame.ts";
import type { PeerSession } from "../peer/session-host.ts";
import { blockKey } from "../picker/block-key.ts";
import type { Picker } from "../picker/picker.ts";
import type { Assembly } from "./assembly.ts";

export type RivalCopiesParts = {
  readonly picker: Picker;
  readonly assembly: Assembly;
  readonly sessions: () => Iterable<PeerSession>;
};

export class RivalCopies {
  readonly #parts: RivalCopiesParts;

  constructor(parts: RivalCopiesParts) {
    this.#parts = parts;
  }

  /** Where a copy that begins now goes, which need not be its place; undefined when the block is not expected. */
  placeOf(session: PeerSession, block: BlockRange, read: Buffer, at: number): Buffer | undefined {
    const { picker, assembly } = this.#parts;
    const number = Math.floor(block.beginBytes / BLOCK_BYTES);
    if (!session.window.has(blockKey(block.piece, number))) return undefined;
    const landing = assembly.landings.get(session);
    const asked = picker.active.get(block.piece)?.askedOf(number) ?? 0;
    if (asked < 2 || !this.#isComing(block)) return assembly.placeOf(block, landing && { landing, read, at });
    return assembly.expects(block) ? Buffer.allocUnsafe(block.lengthBytes) : undefined;
  }

  #isComing(block: BlockRange): boolean {
    for (const session of this.#parts.sessions()) if (session.isReceiving(block)) return true;
    return false;
  }
}
