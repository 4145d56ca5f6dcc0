// What becomes of pieces that did not verify: who sent bad bytes is found, what is right of them stays. Where the hashes of a
// piece's blocks are known (v2), each block is checked by itself; else (v1) blocks are compared with what others send.

import { present } from "../../base/assert.ts";
import { bytesEqual } from "../../base/bytes.ts";
import type { ActivePiece } from "../picker/active-piece.ts";
import type { Picker } from "../picker/picker.ts";
import type { StoreAnswer } from "../storage/job.ts";
import { type AssembledPiece, leafOf } from "./assembled-piece.ts";
import type { AssemblyEvents } from "./assembly-parts.ts";
import { Blame } from "./blame.ts";
import type { Standings } from "./standing.ts";

/** So often a piece is mended; then the whole of it is fetched again, by one peer alone. */
const MENDS_MAX = 8;
/** The hashes of blocks are known so far ahead of what is fetched. */
const AHEAD_BYTES = 64 * 1024 * 1024;
const AHEAD_PIECES_MIN = 16;

export type Differs = Extract<StoreAnswer, { kind: "hash-differs" }>;

export type RepairsParts = {
  readonly picker: Picker;
  readonly standings: Standings;
  readonly events: AssemblyEvents;
  readonly pieceLengthBytes: number;
  readonly assembledOf: (piece: number) => AssembledPiece | undefined;
  /** Handed to the disk thread: nothing of the piece may change. */
  readonly isVerifying: (piece: number) => boolean;
  /** The piece may be received again. */
  readonly resume: (piece: number) => void;
  readonly letGo: (piece: number, assembled: AssembledPiece) => void;
};

export class Repairs {
  readonly #parts: RepairsParts;
  readonly #aheadMax: number;
  /** Pieces that failed, kept as they are until the hashes of their blocks are known. */
  readonly #failed = new Map<number, Differs>();
  /** The hashes of the blocks of pieces that are not verified. */
  readonly #leaves = new Map<number, Uint8Array>();
  readonly #blame = new Blame();
  readonly #trust = (host: string) => this.#parts.standings.of(host);

  constructor(parts: RepairsParts) {
    this.#parts = parts;
    this.#aheadMax = Math.max(AHEAD_PIECES_MIN, Math.floor(AHEAD_BYTES / parts.pieceLengthBytes));
  }

  /** Pieces whose blocks are checked as they arrive, with the blocks' hashes. */
  get checked(): ReadonlyMap<number, Uint8Array> {
    return this.#leaves;
  }

  /** Whether the piece waits for the hashes of its blocks. */
  isWaiting(piece: number): boolean {
    return this.#failed.has(piece);
  }

  /** Whether a digest of each block is of use when the piece verifies. */
  wantsDigests(piece: number): boolean {
    return this.#blame.isOpen(piece);
  }

  /** The piece is right. Returns who sent blocks of bad copies of it that differ. */
  verified(piece: number, digests: Uint8Array | undefined): string[] {
    this.#leaves.delete(piece);
    return digests === undefined ? [] : this.#blame.resolve(piece, digests);
  }

  forgetWaiting(): void {
    this.#failed.clear();
  }

  /** Once somebody has lied: pieces of whose blocks the hashes are worth asking for. */
  *upcoming(): Generator<number> {
    const { picker, standings, isVerifying } = this.#parts;
    if (!standings.hasFailed) return;
    for (const piece of picker.active.keys()) if (!this.#leaves.has(piece) && !isVerifying(piece)) yield piece;
    let ahead = this.#aheadMax - this.#leaves.size;
    for (const piece of picker.upcoming()) {
      if (ahead <= 0) return;
      if (this.#leaves.has(piece)) continue;
      ahead--;
      yield piece;
    }
  }

  /** A block has arrived and lies in its place. False when more of the piece has to come before it can be looked at. */
  arrived(active: ActivePiece, assembled: AssembledPiece, block: number): boolean {
    const { standings, events } = this.#parts;
    const host = present(assembled.hosts[block], "who sent the block");
    if (!assembled.isRight(block)) {
      active.forget(block);
      events.failed(active.piece, [host], assembled.blockBytes(block));
      return false;
    }
    if (assembled.leaves !== undefined) standings.proved(host);
    return assembled.leaves !== undefined || !assembled.isCompared || this.#compare(active, assembled, block);
  }

  /** A second copy of a block of a bad piece. False when the piece waits for more of them, or is given up. */
  #compare(active: ActivePiece, assembled: AssembledPiece, block: number): boolean {
    const { picker, events, letGo } = this.#parts;
    const compared = assembled.compare(active, block, this.#trust);
    if (compared === undefined) {
      letGo(active.piece, assembled);
      picker.reopen(active.piece, { alone: true });
      events.foundOut([], assembled.dataBytes);
      return false;
    }
    const { wastedBytes, guilty } = compared;
    if (wastedBytes > 0) events.foundOut(guilty === undefined ? [] : [guilty], wastedBytes);
    return !assembled.isCompared;
  }

  /** The piece does not verify. */
  differs(piece: number, assembled: AssembledPiece, differs: Differs): void {
    const { standings, events } = this.#parts;
    standings.hasFailed = true;
    for (const host of assembled.hosts) assembled.suspects.add(host);
    if (differs.leaves === undefined) return this.#mend(piece, assembled, differs);
    const [only, ...others] = new Set(assembled.hosts);
    this.#failed.set(piece, differs);
    if (only !== undefined && others.length === 0) events.foundOut([only], 0);
    const leaves = this.#leaves.get(piece);
    if (leaves !== undefined) this.leavesKnown(piece, leaves);
    else if (!events.wantLeaves(piece)) this.leavesUnknown(piece);
  }

  /** Its blocks are compared with what others send, those of whoever is trusted least first. */
  #mend(piece: number, assembled: AssembledPiece, { digests }: Differs): void {
    const { picker, events, letGo, resume } = this.#parts;
    const culprits = this.#blame.record(piece, digests, assembled.hosts.slice());
    const active = picker.active.get(piece);
    if (culprits.length > 0 || active === undefined || assembled.mends >= MENDS_MAX) {
      letGo(piece, assembled);
      picker.reopen(piece, { alone: culprits.length === 0 });
      return events.failed(piece, culprits, assembled.dataBytes);
    }
    active.isMended = true;
    active.owner = undefined;
    resume(piece);
    events.failed(piece, [], assembled.mend(active, digests, this.#trust));
  }

  /** The hashes of a piece's blocks: what is right of it stays, and whoever sent the rest is known. */
  leavesKnown(piece: number, leaves: Uint8Array): void {
    const { picker, assembledOf, isVerifying, resume } = this.#parts;
    if (picker.isDone(piece)) return;
    this.#leaves.set(piece, leaves);
    const assembled = assembledOf(piece);
    const active = picker.active.get(piece);
    if (assembled === undefined || active === undefined) return;
    assembled.leaves = leaves;
    assembled.suspects.clear();
    const differs = this.#failed.get(piece);
    if (differs === undefined) {
      if (!isVerifying(piece)) this.#throwOut(active, assembled, (block) => !assembled.isRight(block));
      return;
    }
    this.#failed.delete(piece);
    resume(piece);
    active.isMended = true;
    active.owner = undefined;
    const ours = present(differs.leaves, "leaves of a kept piece");
    this.#throwOut(active, assembled, (block) => !bytesEqual(leafOf(leaves, block), leafOf(ours, block)));
  }

  #throwOut(active: ActivePiece, assembled: AssembledPiece, isBad: (block: number) => boolean): void {
    const culprits = new Set<string>();
    const wastedBytes = assembled.forget(active, (host, block) => {
      const isWrong = isBad(block);
      if (isWrong) culprits.add(host);
      else this.#parts.standings.proved(host);
      return isWrong;
    });
    if (culprits.size > 0) this.#parts.events.failed(active.piece, [...culprits], wastedBytes);
  }

  /** Nobody tells the hashes of its blocks. */
  leavesUnknown(piece: number): void {
    const differs = this.#failed.get(piece);
    const assembled = this.#parts.assembledOf(piece);
    if (differs === undefined || assembled === undefined) return;
    this.#failed.delete(piece);
    this.#mend(piece, assembled, differs);
  }
}
