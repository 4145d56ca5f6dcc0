// The same block from two peers at once (the endgame): each copy has memory of its own until one of them is whole. Two
// that filled one place would mix their bytes, and an honest peer would be banned for what a liar wrote into its block.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { BlockRange } from "../../wire/peer/block-frame.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { Picker } from "../picker/picker.ts";
import type { Assembly } from "./assembly.ts";

export type RivalCopiesParts = {
  readonly picker: Picker;
  readonly assembly: Assembly;
  readonly sessions: () => Iterable<PeerSession>;
};

export class RivalCopies {
  readonly #parts: RivalCopiesParts;
  /** Copies that do not lie in the block's place. */
  readonly #aside = new WeakSet<Buffer>();

  constructor(parts: RivalCopiesParts) {
    this.#parts = parts;
  }

  /** Where a copy that begins now goes; undefined when the block is not expected. */
  placeOf(block: BlockRange): Buffer | undefined {
    const { picker, assembly } = this.#parts;
    const place = assembly.placeOf(block);
    const asked = picker.active.get(block.piece)?.askedOf(block.beginBytes / BLOCK_BYTES) ?? 0;
    if (place === undefined || asked < 2 || !this.#isComing(block)) return place;
    const copy = Buffer.allocUnsafe(place.length);
    this.#aside.add(copy);
    return copy;
  }

  #isComing(block: BlockRange): boolean {
    for (const session of this.#parts.sessions()) if (session.isReceiving(block)) return true;
    return false;
  }

  /** The copy is whole, and its rivals are stopped. */
  arrived(block: BlockRange, bytes: Buffer): void {
    if (this.#aside.has(bytes)) this.#parts.assembly.placeOf(block)?.set(bytes);
  }
}
