// Pieces on their way in: memory for each, blocks put in place, whole ones verified and written, culprits named.

import { present, unreachable } from "../../base/assert.ts";
import type { Failure } from "../../base/failure.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { BlockRange } from "../../wire/peer/block-frame.ts";
import type { ActivePiece } from "../picker/active-piece.ts";
import type { Picker } from "../picker/picker.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import type { StoreAnswer } from "../storage/job.ts";
import type { PieceMemory, Slot } from "../storage/piece-memory.ts";
import { Blame } from "./blame.ts";
import type { Content } from "./content.ts";

export type AssemblyEvents = {
  verified(piece: number): void;
  /** The bytes did not match; `culprits` are the hosts proven to have sent bad ones. */
  failed(piece: number, culprits: readonly string[]): void;
  /** The disk refused; the piece has to be fetched again. */
  diskFailed(failure: Failure): void;
};

type Assembled = { readonly slot: Slot; readonly dataBytes: number; readonly hosts: string[] };

export class Assembly {
  readonly #content: Content;
  readonly #picker: Picker;
  readonly #memory: PieceMemory;
  readonly #store: StoreHandle;
  readonly #events: AssemblyEvents;
  readonly #slots = new Map<number, Assembled>();
  /** Pieces handed to the disk thread. */
  readonly #verifying = new Set<number>();
  readonly #blame = new Blame();
  #closed = false;

  constructor(parts: {
    content: Content;
    picker: Picker;
    memory: PieceMemory;
    store: StoreHandle;
    events: AssemblyEvents;
  }) {
    this.#content = parts.content;
    this.#picker = parts.picker;
    this.#memory = parts.memory;
    this.#store = parts.store;
    this.#events = parts.events;
  }

  get isBusy(): boolean {
    return this.#verifying.size > 0;
  }

  /** How many pieces may be begun now. */
  room(): number {
    return this.#memory.room(this.#content.layout.pieceLengthBytes);
  }

  /** Memory is spent, and most of it on pieces that the disk has still to take. */
  get waitsForDisk(): boolean {
    return this.#verifying.size * 2 > this.#slots.size && this.room() === 0;
  }

  /** The request for a block that the picker chose; the piece gets its memory with its first block. */
  request(piece: number, block: number): BlockRange {
    const { dataBytes } = this.#slots.get(piece) ?? this.#begin(piece);
    const beginBytes = block * BLOCK_BYTES;
    return { piece, beginBytes, lengthBytes: Math.min(BLOCK_BYTES, dataBytes - beginBytes) };
  }

  #begin(piece: number): Assembled {
    const { layout } = this.#content;
    const index = this.#content.index(piece);
    const dataBytes = layout.dataBytes(index);
    const slot = present(this.#memory.take(layout.pieceLengthBytes), "memory that was counted before");
    // What lies behind the data is padding: the v1 hash covers it as zeros.
    slot.bytes.fill(0, dataBytes, layout.lengthBytes(index));
    const assembled = { slot, dataBytes, hosts: [] };
    this.#slots.set(piece, assembled);
    return assembled;
  }

  /** Where an arriving block goes; undefined when it is not expected in this length or is here already. */
  placeOf({ piece, beginBytes, lengthBytes }: BlockRange): Buffer | undefined {
    const assembled = this.#slots.get(piece);
    const active = this.#picker.active.get(piece);
    if (assembled === undefined || active === undefined || this.#verifying.has(piece)) return undefined;
    const expected = Math.min(BLOCK_BYTES, assembled.dataBytes - beginBytes);
    if (beginBytes % BLOCK_BYTES !== 0 || lengthBytes !== expected) return undefined;
    if (active.isReceived(beginBytes / BLOCK_BYTES)) return undefined;
    return assembled.slot.bytes.subarray(beginBytes, beginBytes + lengthBytes);
  }

  /** The block lies in its place. */
  arrived(piece: number, block: number, host: string): void {
    const active = present(this.#picker.active.get(piece), "an active piece");
    const assembled = present(this.#slots.get(piece), "a piece in memory");
    if (!active.receive(block)) return;
    assembled.hosts[block] = host;
    if (active.left === 0) this.#verify(active, assembled);
  }

  #verify(active: ActivePiece, assembled: Assembled): void {
    const { piece } = active;
    this.#verifying.add(piece);
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
    this.#verifying.delete(piece);
    this.#slots.delete(piece);
    this.#memory.give(assembled.slot);
    if (this.#closed) return;
    switch (answer.kind) {
      case "written": {
        const culprits = answer.digests ? this.#blame.resolve(piece, answer.digests) : [];
        this.#picker.finish(piece);
        if (culprits.length > 0) this.#events.failed(piece, culprits);
        this.#events.verified(piece);
        return;
      }
      case "hash-differs": {
        const culprits = this.#blame.record(piece, answer.digests, assembled.hosts);
        this.#picker.reopen(piece, { alone: culprits.length === 0 });
        this.#events.failed(piece, culprits);
        return;
      }
      case "failed":
        this.#picker.reopen(piece);
        this.#events.diskFailed(answer.failure);
        return;
      case "read":
      case "checked":
      case "identities":
      case "closed":
        throw new Error(`a write was answered with ${answer.kind}`);
      default:
        unreachable(answer);
    }
  }

  /** Lets go of pieces that have not been handed to the disk; what is being verified ends by itself. */
  dropAll(): void {
    for (const [piece, { slot }] of this.#slots) {
      if (this.#verifying.has(piece)) continue;
      this.#memory.give(slot);
      this.#slots.delete(piece);
      this.#picker.reopen(piece);
    }
  }

  close(): void {
    this.dropAll();
    this.#closed = true;
  }
}
