// Tells whom the gate blocks: to its folder, from which `gate rules` reads, and to the portal. Only when there is
// something new, and now and then although there is not, for the portal forgets.

import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { GateBlock } from "../../wire/api/v1/gate.ts";
import type { BlockBook } from "./block-book.ts";
import { metPackets, refusedPackets } from "./loaded-rules.ts";
import type { StateFolder } from "./state-folder.ts";

export type BlockSink = (blocks: readonly GateBlock[]) => Promise<Result<unknown, Failure>>;

const AGAIN_AFTER_MS = 60_000;

export type TellerOptions = {
  readonly book: BlockBook;
  readonly folder: StateFolder;
  readonly sink: BlockSink | undefined;
  readonly onTrouble: (failed: Failure) => void;
};

export class BlockTeller {
  readonly #options: TellerOptions;
  #toldVersion = -1;
  #toldMs = Number.NEGATIVE_INFINITY;
  #refusedPackets: number | undefined;

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  async tell(nowMs: number): Promise<void> {
    const { book, folder, sink, onTrouble } = this.#options;
    await this.#count(nowMs);
    const isOld = nowMs - this.#toldMs > AGAIN_AFTER_MS;
    const version = book.version;
    if (version === this.#toldVersion && !isOld) return;
    const blocks = book.blocks;
    const kept = folder.keepBlocks(blocks);
    if (!kept.ok) onTrouble(kept.error);
    this.#toldMs = nowMs;
    const told = await sink?.(blocks);
    // What the portal did not take is told again next time.
    if (told === undefined || told.ok) this.#toldVersion = version;
    else onTrouble(told.error);
  }

  // The sets of all applications are read only when the kernel has refused something since.
  async #count(nowMs: number): Promise<void> {
    const { book, onTrouble } = this.#options;
    const refused = await refusedPackets();
    if (!refused.ok) return onTrouble(refused.error);
    const hasRefused = refused.value !== this.#refusedPackets;
    if (!hasRefused && book.blocks.length === 0) return;
    const met = await metPackets(hasRefused ? "all" : book.blocks);
    if (!met.ok) return onTrouble(met.error);
    if (hasRefused) book.metUnseen(met.value, nowMs);
    book.count(met.value, nowMs);
    this.#refusedPackets = refused.value;
  }
}
