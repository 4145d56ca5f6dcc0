// The pieces that lie framed in memory, ready to be served. The one used longest ago makes room.

import type { Failure } from "../../base/failure.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import { framedBytes } from "../storage/framed-piece.ts";
import type { StoreAnswer } from "../storage/job.ts";
import type { PieceMemory, Slot } from "../storage/piece-memory.ts";
import type { Content } from "./content.ts";

export type CachedPiece = {
  readonly piece: number;
  readonly pieceBytes: number;
  readonly slot: Slot;
  at: "reading" | "ready";
  /** Writes under way from this memory. */
  holds: number;
};

export type PieceCacheOptions = {
  readonly content: Content;
  readonly memory: PieceMemory;
  readonly store: StoreHandle;
  readonly verify: boolean;
  /** Whether somebody who is connected has still to get the piece. */
  readonly isLacked: (piece: number) => boolean;
  /** What is on disk is not what was verified (H147): it is not served, and has to be fetched again. */
  readonly rotten: (piece: number) => void;
  readonly diskFailed: (failure: Failure) => void;
};

/** Of the piece memory, so that serving cannot starve receiving. */
const SHARE_OF_MEMORY = 0.5;
const PIECES_MIN = 2;

export class PieceCache {
  readonly #options: PieceCacheOptions;
  readonly #arrived: (piece: number) => void;
  /** In the order of last use. */
  readonly #pieces = new Map<number, CachedPiece>();
  readonly #slotBytes: number;
  readonly #countMax: number;
  readonly #unregister: () => void;
  #closed = false;

  constructor(options: PieceCacheOptions, arrived: (piece: number) => void) {
    this.#options = options;
    this.#arrived = arrived;
    this.#slotBytes = framedBytes(options.content.layout.pieceLengthBytes);
    const share = (options.memory.bytesMax * SHARE_OF_MEMORY) / this.#slotBytes;
    this.#countMax = Math.max(PIECES_MIN, Math.floor(share));
    this.#unregister = options.memory.reclaimFrom(() => this.#dropOldest());
  }

  /** The piece, if it is ready. */
  get(piece: number): CachedPiece | undefined {
    const cached = this.#pieces.get(piece);
    if (cached?.at !== "ready") return undefined;
    this.#pieces.delete(piece);
    this.#pieces.set(piece, cached);
    return cached;
  }

  /** The bytes stay as they are until the returned function is called. */
  hold(cached: CachedPiece): () => void {
    cached.holds++;
    return () => {
      cached.holds--;
      if (cached.holds === 0 && this.#pieces.get(cached.piece) !== cached) this.#options.memory.give(cached.slot);
    };
  }

  isLost(piece: number): boolean {
    return !this.#options.content.have.has(piece);
  }

  /** Begins to read the piece, if it is not here and there is room. */
  load(piece: number): void {
    const { content, memory, store } = this.#options;
    if (this.#closed || this.#pieces.has(piece) || this.isLost(piece)) return;
    // Memory that is used again costs nothing; new memory is fetched from the machine page by page.
    this.#drop((held) => !this.#options.isLacked(held));
    while (this.#pieces.size >= this.#countMax) if (!this.#dropOldest()) return;
    const slot = memory.take(this.#slotBytes);
    if (slot === undefined) return;
    const pieceBytes = content.layout.lengthBytes(content.index(piece));
    const cached: CachedPiece = { piece, pieceBytes, slot, at: "reading", holds: 0 };
    this.#pieces.set(piece, cached);
    const expected = this.#options.verify ? content.expectation(piece) : undefined;
    store.ask({ kind: "read", piece, memory: slot.memory, expected }, (answer) => this.#read(cached, answer));
  }

  #read(cached: CachedPiece, answer: StoreAnswer): void {
    if (answer.kind === "read" && !this.#closed) {
      cached.at = "ready";
    } else {
      this.#pieces.delete(cached.piece);
      this.#options.memory.give(cached.slot);
    }
    if (this.#closed) return;
    if (answer.kind === "hash-differs") this.#options.rotten(cached.piece);
    if (answer.kind === "failed") {
      if (answer.failure.code === "engine.file_missing") this.#options.rotten(cached.piece);
      else this.#options.diskFailed(answer.failure);
    }
    this.#arrived(cached.piece);
  }

  #dropOldest(): boolean {
    return this.#drop(() => true);
  }

  /** The oldest such piece that is not being sent. */
  #drop(mayGo: (piece: number) => boolean): boolean {
    for (const [piece, cached] of this.#pieces) {
      if (cached.at !== "ready" || cached.holds > 0 || !mayGo(piece)) continue;
      this.#pieces.delete(piece);
      this.#options.memory.give(cached.slot);
      return true;
    }
    return false;
  }

  close(): void {
    this.#closed = true;
    this.#unregister();
    for (const [piece, cached] of this.#pieces) {
      if (cached.at === "reading") continue;
      this.#pieces.delete(piece);
      if (cached.holds === 0) this.#options.memory.give(cached.slot);
    }
  }
}
