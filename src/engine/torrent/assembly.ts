// Pieces on their way in: memory for each, blocks put in place, whole ones verified and written, culprits named.

import { present, unreachable } from "../../base/assert.ts";
import { bytesEqual } from "../../base/bytes.ts";
import type { Failure } from "../../base/failure.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { BlockRange } from "../../wire/peer/block-frame.ts";
import type { Random } from "../../world/random.ts";
import type { ActivePiece } from "../picker/active-piece.ts";
import type { Picker } from "../picker/picker.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import { framedBytes } from "../storage/framed-piece.ts";
import type { StoreAnswer } from "../storage/job.ts";
import type { PieceMemory } from "../storage/piece-memory.ts";
import { type Assembled, adopt, assembledIn, blockBytes, blockIn, isRight, leafOf, release } from "./assembled.ts";
import { Blame } from "./blame.ts";
import type { Content } from "./content.ts";
import { Landings, type Read } from "./landings.ts";
import { Standings } from "./standing.ts";

export type AssemblyEvents = {
  verified(piece: number): void;
  /** The bytes did not match; `culprits` are the hosts proven to have sent bad ones. */
  failed(piece: number, culprits: readonly string[], wastedBytes: number): void;
  /** Proven to have sent bad bytes of a piece that failed before. */
  guilty(culprits: readonly string[]): void;
  /** Asks for the hashes of the piece's blocks; false when there are none to ask for. */
  wantLeaves(piece: number): boolean;
  /** The disk refused; the piece has to be fetched again. */
  diskFailed(failure: Failure): void;
};

/** So often the blocks of one sender are replaced; then the whole piece is fetched again, by one peer alone. */
const MENDS_MAX = 4;

type Differs = Extract<StoreAnswer, { kind: "hash-differs" }>;

export class Assembly {
  readonly #content: Content;
  readonly #picker: Picker;
  readonly #memory: PieceMemory;
  readonly #store: StoreHandle;
  readonly #events: AssemblyEvents;
  readonly #slots = new Map<number, Assembled>();
  /** Pieces handed to the disk thread. */
  readonly #verifying = new Set<number>();
  /** Pieces that failed, kept as they are until the hashes of their blocks are known. */
  readonly #failed = new Map<number, Differs>();
  readonly #blame = new Blame();
  readonly standings: Standings;
  readonly landings: Landings;
  readonly #slotBytes: number;
  #closed = false;

  constructor(parts: {
    content: Content;
    picker: Picker;
    memory: PieceMemory;
    store: StoreHandle;
    events: AssemblyEvents;
    random: Random;
  }) {
    this.#content = parts.content;
    this.#picker = parts.picker;
    this.#memory = parts.memory;
    this.#store = parts.store;
    this.#events = parts.events;
    this.standings = new Standings(parts.content.layout.pieceCount, parts.random);
    this.#slotBytes = framedBytes(parts.content.layout.pieceLengthBytes);
    const assembledOf = (piece: number) => this.#slots.get(piece);
    this.landings = new Landings({ ...parts, slotBytes: this.#slotBytes, assembledOf });
  }

  get isBusy(): boolean {
    return this.#verifying.size > 0;
  }

  /** Whether the host's own blocks of this piece are being replaced. */
  suspects(piece: number, host: string): boolean {
    return this.#slots.get(piece)?.suspects.has(host) ?? false;
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
    const { dataBytes } = this.#slots.get(piece) ?? this.#begin(piece);
    return { piece, beginBytes: block * BLOCK_BYTES, lengthBytes: blockBytes({ dataBytes }, block) };
  }

  #begin(piece: number): Assembled {
    const { layout } = this.#content;
    const index = this.#content.index(piece);
    const dataBytes = layout.dataBytes(index);
    const slot = present(this.#memory.take(this.#slotBytes), "memory that was counted before");
    const assembled = assembledIn(slot, dataBytes, layout.lengthBytes(index));
    this.#slots.set(piece, assembled);
    return assembled;
  }

  /** Whether the block is one that is asked for in this length and not here. */
  expects({ piece, beginBytes, lengthBytes }: BlockRange): boolean {
    const assembled = this.#slots.get(piece);
    const active = this.#picker.active.get(piece);
    if (assembled === undefined || active === undefined || this.#verifying.has(piece)) return false;
    const block = beginBytes / BLOCK_BYTES;
    return Number.isInteger(block) && lengthBytes === blockBytes(assembled, block) && !active.isReceived(block);
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
      bytes.copy(blockIn(assembled.slot, assembled, block));
    }
    active.receive(block);
    assembled.hosts[block] = host;
    if (assembled.leaves !== undefined && !isRight(assembled, assembled.leaves, block)) {
      active.forget(block);
      this.#events.failed(piece, [host], blockBytes(assembled, block));
      return;
    }
    if (active.left === 0) this.#verify(active, assembled);
  }

  #verify(active: ActivePiece, assembled: Assembled): void {
    const { piece } = active;
    this.#verifying.add(piece);
    adopt(assembled);
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

  #answered(piece: number, assembled: Assembled, answer: StoreAnswer): void {
    if (answer.kind === "hash-differs" && !this.#closed) return this.#differs(piece, assembled, answer);
    this.#letGo(piece, assembled);
    if (this.#closed) return;
    switch (answer.kind) {
      case "written": {
        const culprits = answer.digests ? this.#blame.resolve(piece, answer.digests) : [];
        this.standings.verified(assembled.hosts);
        this.#picker.finish(piece);
        if (culprits.length > 0) this.#events.guilty(culprits);
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

  #letGo(piece: number, assembled: Assembled): void {
    this.#verifying.delete(piece);
    this.#slots.delete(piece);
    release(assembled);
    this.#memory.give(assembled.slot);
  }

  #differs(piece: number, assembled: Assembled, differs: Differs): void {
    this.standings.failed(assembled.hosts);
    if (differs.leaves === undefined || !this.#events.wantLeaves(piece)) {
      return this.#mend(piece, assembled, differs);
    }
    this.#failed.set(piece, differs);
    const [only, ...others] = new Set(assembled.hosts);
    if (only !== undefined && others.length === 0) this.#events.guilty([only]);
  }

  /** The blocks of whoever is trusted least are fetched from somebody else: if that helps, they were the bad ones. */
  #mend(piece: number, assembled: Assembled, { digests }: Differs): void {
    const { hosts, suspects } = assembled;
    const culprits = this.#blame.record(piece, digests, hosts.slice());
    const active = this.#picker.active.get(piece);
    const left = [...new Set(hosts)].filter((host) => !suspects.has(host));
    const [suspect] = left.toSorted((a, b) => this.standings.of(a) - this.standings.of(b));
    if (culprits.length > 0 || active === undefined || suspect === undefined || suspects.size >= MENDS_MAX) {
      this.#letGo(piece, assembled);
      this.#picker.reopen(piece, { alone: culprits.length === 0 });
      return this.#events.failed(piece, culprits, assembled.dataBytes);
    }
    suspects.add(suspect);
    this.#verifying.delete(piece);
    active.owner = undefined;
    const wastedBytes = this.#forgetBlocks(active, assembled, (host) => host === suspect);
    this.#events.failed(piece, [], wastedBytes);
  }

  /** Blocks that have to come again. Returns how many bytes were in vain. */
  #forgetBlocks(active: ActivePiece, assembled: Assembled, isBad: (host: string, block: number) => boolean): number {
    let wastedBytes = 0;
    for (const [block, host] of assembled.hosts.entries()) {
      if (!active.isReceived(block) || !isBad(host, block)) continue;
      active.forget(block);
      wastedBytes += blockBytes(assembled, block);
    }
    return wastedBytes;
  }

  /** The hashes of a failed piece's blocks: what is right of it stays, and whoever sent the rest is known. */
  leavesKnown(piece: number, leaves: Uint8Array): void {
    const differs = this.#failed.get(piece);
    const assembled = this.#slots.get(piece);
    const active = this.#picker.active.get(piece);
    if (!this.#failed.delete(piece) || assembled === undefined || active === undefined) return;
    this.#verifying.delete(piece);
    assembled.leaves = leaves;
    const ours = present(differs?.leaves, "leaves of a kept piece");
    const isBad = (_host: string, block: number) => !bytesEqual(leafOf(leaves, block), leafOf(ours, block));
    const culprits = new Set(assembled.hosts.filter(isBad));
    active.owner = undefined;
    this.#events.failed(piece, [...culprits], this.#forgetBlocks(active, assembled, isBad));
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
      wastedBytes += this.#forgetBlocks(active, assembled, (sender) => sender === host);
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
