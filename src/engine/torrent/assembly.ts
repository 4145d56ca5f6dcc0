// Pieces on their way in: memory for each, blocks put in place, whole ones verified and written, culprits named.

import { present, unreachable } from "../../base/assert.ts";
import { bytesEqual } from "../../base/bytes.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { BlockRange } from "../../wire/peer/block-frame.ts";
import type { ActivePiece } from "../picker/active-piece.ts";
import type { Picker } from "../picker/picker.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import { framedBytes } from "../storage/framed-piece.ts";
import type { StoreAnswer } from "../storage/job.ts";
import type { PieceMemory } from "../storage/piece-memory.ts";
import { AssembledPiece, leafOf } from "./assembled-piece.ts";
import type { AssemblyEvents, AssemblyParts } from "./assembly-parts.ts";
import { Blame } from "./blame.ts";
import type { Content } from "./content.ts";
import { Landings, type Read } from "./landings.ts";
import { Standings } from "./standing.ts";

/** So often a piece is mended; then the whole of it is fetched again, by one peer alone. */
const MENDS_MAX = 4;

type Differs = Extract<StoreAnswer, { kind: "hash-differs" }>;

export class Assembly {
  readonly #content: Content;
  readonly #picker: Picker;
  readonly #memory: PieceMemory;
  readonly #store: StoreHandle;
  readonly #events: AssemblyEvents;
  readonly #slots = new Map<number, AssembledPiece>();
  /** Pieces handed to the disk thread. */
  readonly #verifying = new Set<number>();
  /** Pieces that failed, kept as they are until the hashes of their blocks are known. */
  readonly #failed = new Map<number, Differs>();
  readonly #blame = new Blame();
  readonly standings: Standings;
  readonly landings: Landings;
  readonly #slotBytes: number;
  readonly #trust = (host: string) => this.standings.of(host);
  #closed = false;

  constructor(parts: AssemblyParts) {
    this.#content = parts.content;
    this.#picker = parts.picker;
    this.#memory = parts.memory;
    this.#store = parts.store;
    this.#events = parts.events;
    const { pieceCount, pieceLengthBytes } = parts.content.layout;
    const blocksPerPiece = Math.ceil(pieceLengthBytes / BLOCK_BYTES);
    this.standings = new Standings({ pieceCount, blocksPerPiece }, parts.random);
    this.#slotBytes = framedBytes(pieceLengthBytes);
    const assembledOf = (piece: number) => this.#slots.get(piece);
    this.landings = new Landings({ ...parts, slotBytes: this.#slotBytes, assembledOf });
  }

  get isBusy(): boolean {
    return this.#verifying.size > 0;
  }

  /** How far the host is trusted to replace blocks of a bad piece: not at all, when they are its own. */
  trustIn(host: string, piece: number): number {
    return this.#slots.get(piece)?.replaced === host ? -1 : this.standings.of(host);
  }

  /** Whether the host had a part in a bad piece of which it is not known who sent what. */
  isAccused(host: string): boolean {
    for (const { suspects } of this.#slots.values()) if (suspects.has(host)) return true;
    return false;
  }

  /** How many blocks the host has sent of pieces that are not verified and that do not belong to this peer. */
  openBlocksOf(host: string, peer: number): number {
    let blocks = 0;
    for (const [piece, assembled] of this.#slots) {
      const active = this.#picker.active.get(piece);
      if (active !== undefined && active.owner !== peer) blocks += assembled.blocksOf(host, active);
    }
    return blocks;
  }

  /** How many pieces may be begun now. */
  room(): number {
    return this.#memory.room(this.#slotBytes);
  }

  /** Memory is spent, and most of it on pieces that the disk has still to take. */
  get waitsForDisk(): boolean {
    return this.#verifying.size * 2 > this.#slots.size && this.room() === 0;
  }

  /** The request for a block that the picker chose; the piece gets its memory with its first block. */
  request(piece: number, block: number): BlockRange {
    const assembled = this.#slots.get(piece) ?? this.#begin(piece);
    return { piece, beginBytes: block * BLOCK_BYTES, lengthBytes: assembled.blockBytes(block) };
  }

  #begin(piece: number): AssembledPiece {
    const { layout } = this.#content;
    const index = this.#content.index(piece);
    const slot = present(this.#memory.take(this.#slotBytes), "memory that was counted before");
    const assembled = new AssembledPiece(slot, {
      dataBytes: layout.dataBytes(index),
      lengthBytes: layout.lengthBytes(index),
    });
    this.#slots.set(piece, assembled);
    return assembled;
  }

  /** Whether the block is one that is asked for in this length and not here. */
  expects({ piece, beginBytes, lengthBytes }: BlockRange): boolean {
    const assembled = this.#slots.get(piece);
    const active = this.#picker.active.get(piece);
    if (assembled === undefined || active === undefined || this.#verifying.has(piece)) return false;
    const block = beginBytes / BLOCK_BYTES;
    return Number.isInteger(block) && lengthBytes === assembled.blockBytes(block) && !active.isReceived(block);
  }

  /** Where an arriving block goes; undefined when it is not expected. */
  placeOf(range: BlockRange, from: Read | undefined): Buffer | undefined {
    const assembled = this.#slots.get(range.piece);
    if (assembled === undefined || !this.expects(range)) return undefined;
    return this.landings.placeOf(assembled, range, from);
  }

  /** The block is whole; wherever it lies, it comes to its place. */
  arrived(piece: number, block: number, host: string, bytes: Buffer): void {
    const active = present(this.#picker.active.get(piece), "an active piece");
    const assembled = present(this.#slots.get(piece), "a piece in memory");
    if (active.isReceived(block)) return;
    if (bytes.buffer !== (assembled.landing ?? assembled).slot.memory) {
      this.landings.settle(piece);
      bytes.copy(assembled.blockIn(assembled.slot, block));
    }
    active.receive(block);
    assembled.hosts[block] = host;
    if (!assembled.isRight(block)) {
      active.forget(block);
      this.#events.failed(piece, [host], assembled.blockBytes(block));
      return;
    }
    if (assembled.isCompared && !this.#compare(active, assembled, block)) return;
    if (active.left === 0) this.#verify(active, assembled);
  }

  /** A second copy of a block of a bad piece. False when the piece waits for more of them, or is given up. */
  #compare(active: ActivePiece, assembled: AssembledPiece, block: number): boolean {
    const compared = assembled.compare(active, block, this.#trust);
    if (compared === undefined) {
      this.#letGo(active.piece, assembled);
      this.#picker.reopen(active.piece, { alone: true });
      this.#events.foundOut([], assembled.dataBytes);
      return false;
    }
    const { wastedBytes, guilty } = compared;
    if (wastedBytes > 0) this.#events.foundOut(guilty === undefined ? [] : [guilty], wastedBytes);
    return !assembled.isCompared;
  }

  #verify(active: ActivePiece, assembled: AssembledPiece): void {
    const { piece } = active;
    this.#verifying.add(piece);
    assembled.adopt();
    const expected = present(this.#content.expectation(piece), "hashes of a piece that was asked for");
    this.#store.ask(
      {
        kind: "write",
        piece,
        memory: assembled.slot.memory,
        expected,
        wantDigests: this.#blame.isOpen(piece),
      },
      (answer) => this.#answered(piece, assembled, answer),
    );
  }

  #answered(piece: number, assembled: AssembledPiece, answer: StoreAnswer): void {
    if (answer.kind === "hash-differs" && !this.#closed) return this.#differs(piece, assembled, answer);
    this.#letGo(piece, assembled);
    if (this.#closed) return;
    switch (answer.kind) {
      case "written": {
        const culprits = answer.digests ? this.#blame.resolve(piece, answer.digests) : [];
        this.standings.verified(assembled.hosts);
        this.#picker.finish(piece);
        if (culprits.length > 0) this.#events.foundOut(culprits, 0);
        this.#events.verified(piece);
        return;
      }
      case "failed":
        this.#picker.reopen(piece);
        this.#events.diskFailed(answer.failure);
        return;
      case "hash-differs":
      case "read":
      case "leaves":
      case "checked":
      case "identities":
      case "moving":
      case "settled":
      case "closed":
        throw new Error(`a write was answered with ${answer.kind}`);
      default:
        unreachable(answer);
    }
  }

  #letGo(piece: number, assembled: AssembledPiece): void {
    this.#verifying.delete(piece);
    this.#slots.delete(piece);
    assembled.release();
    this.#memory.give(assembled.slot);
  }

  #differs(piece: number, assembled: AssembledPiece, differs: Differs): void {
    this.standings.hasFailed = true;
    for (const host of assembled.hosts) assembled.suspects.add(host);
    if (differs.leaves === undefined || !this.#events.wantLeaves(piece)) {
      return this.#mend(piece, assembled, differs);
    }
    this.#failed.set(piece, differs);
    const [only, ...others] = new Set(assembled.hosts);
    if (only !== undefined && others.length === 0) this.#events.foundOut([only], 0);
  }

  /** Its blocks are compared with what others send, those of whoever is trusted least first. */
  #mend(piece: number, assembled: AssembledPiece, { digests }: Differs): void {
    const { hosts } = assembled;
    const culprits = this.#blame.record(piece, digests, hosts.slice());
    const active = this.#picker.active.get(piece);
    if (culprits.length > 0 || active === undefined || assembled.mends >= MENDS_MAX) {
      this.#letGo(piece, assembled);
      this.#picker.reopen(piece, { alone: culprits.length === 0 });
      return this.#events.failed(piece, culprits, assembled.dataBytes);
    }
    active.isMended = true;
    this.#verifying.delete(piece);
    active.owner = undefined;
    this.#events.failed(piece, [], assembled.mend(active, digests, this.#trust));
  }

  /** The hashes of a failed piece's blocks: what is right of it stays, and whoever sent the rest is known. */
  leavesKnown(piece: number, leaves: Uint8Array): void {
    const differs = this.#failed.get(piece);
    const assembled = this.#slots.get(piece);
    const active = this.#picker.active.get(piece);
    if (!this.#failed.delete(piece) || assembled === undefined || active === undefined) return;
    this.#verifying.delete(piece);
    assembled.leaves = leaves;
    assembled.suspects.clear();
    active.isMended = true;
    const ours = present(differs?.leaves, "leaves of a kept piece");
    const isBad = (_host: string, block: number) => !bytesEqual(leafOf(leaves, block), leafOf(ours, block));
    const culprits = new Set(assembled.hosts.filter(isBad));
    active.owner = undefined;
    this.#events.failed(piece, [...culprits], assembled.forget(active, isBad));
  }

  /** Nobody tells the hashes of its blocks. */
  leavesUnknown(piece: number): void {
    const differs = this.#failed.get(piece);
    const assembled = this.#slots.get(piece);
    if (differs === undefined || assembled === undefined) return;
    this.#failed.delete(piece);
    this.#mend(piece, assembled, differs);
  }

  /** What a culprit sent of unfinished pieces is not waited for to fail. Returns how many bytes were in vain. */
  forgetHost(host: string): number {
    this.standings.banned(host);
    let wastedBytes = 0;
    for (const [piece, assembled] of this.#slots) {
      const active = this.#picker.active.get(piece);
      if (this.#verifying.has(piece) || active === undefined) continue;
      // In v2 the hashes of the blocks will tell which of them are bad.
      if (this.#content.expectation(piece)?.root !== undefined) continue;
      wastedBytes += assembled.forget(active, (sender) => sender === host);
    }
    return wastedBytes;
  }

  /** Lets go of pieces that have not been handed to the disk; what is being verified ends by itself. */
  dropAll(): void {
    for (const [piece, assembled] of this.#slots) {
      if (this.#verifying.has(piece) && !this.#failed.has(piece)) continue;
      this.#letGo(piece, assembled);
      this.#picker.reopen(piece);
    }
    this.#failed.clear();
  }

  close(): void {
    this.dropAll();
    this.#closed = true;
  }
}
