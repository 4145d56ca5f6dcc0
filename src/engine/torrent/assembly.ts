// Pieces on their way in: memory for each, blocks put in place, whole ones verified and written, culprits named.

import { present, unreachable } from "../../base/assert.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { BlockRange } from "../../wire/peer/block-frame.ts";
import type { ActivePiece } from "../picker/active-piece.ts";
import type { Picker } from "../picker/picker.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import { framedBytes } from "../storage/framed-piece.ts";
import type { StoreAnswer } from "../storage/job.ts";
import type { PieceMemory } from "../storage/piece-memory.ts";
import { AssembledPiece } from "./assembled-piece.ts";
import type { AssemblyEvents, AssemblyParts } from "./assembly-parts.ts";
import type { Content } from "./content.ts";
import { Landings, type Read } from "./landings.ts";
import { Repairs } from "./repairs.ts";
import { Standings } from "./standing.ts";

export class Assembly {
  readonly #content: Content;
  readonly #picker: Picker;
  readonly #memory: PieceMemory;
  readonly #store: StoreHandle;
  readonly #events: AssemblyEvents;
  readonly #slots = new Map<number, AssembledPiece>();
  /** Pieces handed to the disk thread. */
  readonly #verifying = new Set<number>();
  readonly repairs: Repairs;
  readonly standings: Standings;
  readonly landings: Landings;
  readonly #slotBytes: number;
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
    this.repairs = new Repairs({
      picker: parts.picker,
      standings: this.standings,
      events: parts.events,
      pieceLengthBytes,
      assembledOf,
      isVerifying: (piece) => this.#verifying.has(piece),
      resume: (piece) => this.#verifying.delete(piece),
      letGo: (piece, assembled) => this.#letGo(piece, assembled),
    });
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

  /** Pieces that are not verified and of which the host has sent something. */
  *piecesOf(host: string): Generator<number> {
    for (const [piece, { hosts }] of this.#slots) if (hosts.includes(host)) yield piece;
  }

  /** How many blocks of the piece came from the host. */
  blocksIn(piece: number, host: string): number {
    const active = this.#picker.active.get(piece);
    return (active && this.#slots.get(piece)?.blocksOf(host, active)) ?? 0;
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
    assembled.leaves = this.repairs.checked.get(piece);
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
    if (this.repairs.arrived(active, assembled, block) && active.left === 0) this.#verify(active, assembled);
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
        wantDigests: this.repairs.wantsDigests(piece),
      },
      (answer) => this.#answered(piece, assembled, answer),
    );
  }

  #answered(piece: number, assembled: AssembledPiece, answer: StoreAnswer): void {
    if (answer.kind === "hash-differs" && !this.#closed) return this.repairs.differs(piece, assembled, answer);
    this.#letGo(piece, assembled);
    if (this.#closed) return;
    switch (answer.kind) {
      case "written": {
        const culprits = this.repairs.verified(piece, answer.digests);
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
      if (this.#verifying.has(piece) && !this.repairs.isWaiting(piece)) continue;
      this.#letGo(piece, assembled);
      this.#picker.reopen(piece);
    }
    this.repairs.forgetWaiting();
  }

  close(): void {
    this.dropAll();
    this.#closed = true;
  }
}
