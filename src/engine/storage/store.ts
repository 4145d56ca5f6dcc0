// One torrent's files as the disk threads see them: verify then write, read then frame, check. Synchronous, because it
// runs in a thread of its own.

import { createHash } from "node:crypto";
import { present } from "../../base/assert.ts";
import { bytesEqual } from "../../base/bytes.ts";
import type { Failure } from "../../base/failure.ts";
import { failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { Layout, type PieceIndex } from "../../domain/metainfo/layout.ts";
import { leavesOf, leavesOfBlocks, rootOf } from "../../domain/metainfo/merkle.ts";
import { hashPieceV2, SHA1_BYTES, sha1 } from "../../domain/metainfo/piece-hash.ts";
import type { Disk, FileIdentity } from "../../world/disk.ts";
import { payloadViews, writeHeads } from "./framed-piece.ts";
import type { PieceExpectation, StoreAnswer, StoreSpec } from "./job.ts";
import { Journal } from "./journal.ts";
import { Mover } from "./mover.ts";
import { OpenFiles } from "./open-files.ts";
import { PieceSums } from "./piece-sums.ts";

export class Store {
  readonly #layout: Layout;
  readonly #disk: Disk;
  #spec: StoreSpec;
  #files: OpenFiles;
  /** Under way, or done and not settled. */
  #move: { readonly mover: Mover; readonly before: StoreSpec } | undefined;
  readonly #journal: Journal | undefined;
  readonly #sums: PieceSums;
  /** Somebody asked for a piece: others of them will be asked for too. */
  #serves = false;
  #scratch = Buffer.alloc(0);

  constructor(disk: Disk, spec: StoreSpec, sumKey: Uint8Array) {
    this.#disk = disk;
    this.#spec = spec;
    this.#layout = new Layout(spec.layout);
    this.#files = new OpenFiles(disk, spec);
    this.#sums = new PieceSums(this.#layout.pieceCount, sumKey);
    this.#journal = spec.journal && new Journal(disk, spec.journal);
  }

  write(piece: number, memory: Buffer, expected: PieceExpectation, wantDigests: boolean): StoreAnswer {
    const index = this.#index(piece);
    const blocks = payloadViews(memory, 0, this.#layout.lengthBytes(index));
    if (!isRight(this.#framed(index, memory, blocks), expected)) {
      const data = payloadViews(memory, 0, this.#layout.dataBytes(index));
      const leaves = expected.root === undefined ? undefined : leavesOfBlocks(data);
      return { kind: "hash-differs", digests: digestsOf(blocks), leaves };
    }
    for (const extent of this.#layout.extents(index)) {
      const file = this.#files.use(extent.file, "write");
      if (!file.ok) return failed(file.error);
      const { pieceOffsetBytes, lengthBytes, fileOffsetBytes } = extent;
      const written = file.value.write(payloadViews(memory, pieceOffsetBytes, lengthBytes), fileOffsetBytes);
      if (!written.ok) return failed(written.error);
    }
    if (this.#serves) this.#sums.remember(piece, blocks);
    const noted = this.#journal?.append(piece);
    if (noted !== undefined && !noted.ok) return failed(noted.error);
    return { kind: "written", digests: wantDigests ? digestsOf(blocks) : undefined };
  }

  /** The bytes go straight from the file to their places between the heads. */
  read(piece: number, memory: Buffer, expected: PieceExpectation | undefined): StoreAnswer {
    const index = this.#index(piece);
    const lengthBytes = this.#layout.lengthBytes(index);
    const views = payloadViews(memory, 0, lengthBytes);
    const filled = this.#fill(index, (beginBytes, count) =>
      count === lengthBytes ? views : payloadViews(memory, beginBytes, count),
    );
    if (!filled.ok) return failed(filled.error);
    writeHeads(memory, piece, lengthBytes);
    if (expected === undefined) return { kind: "read" };
    this.#serves = true;
    if (this.#sums.isAsRemembered(piece, views)) return { kind: "read" };
    if (!isRight(this.#framed(index, memory, views), expected)) return differs();
    this.#sums.remember(piece, views);
    return { kind: "read" };
  }

  leaves(piece: number, expected: PieceExpectation): StoreAnswer {
    const index = this.#index(piece);
    const bytes = this.#roomFor(index);
    const filled = this.#fill(index, (beginBytes, count) => [bytes.subarray(beginBytes, beginBytes + count)]);
    if (!filled.ok) return failed(filled.error);
    if (!isRight(this.#flat(index, bytes), expected)) return differs();
    return { kind: "leaves", leaves: leavesOf(bytes.subarray(0, this.#layout.dataBytes(index))) };
  }

  /** Memory for a whole piece, used again for the next one. */
  #roomFor(index: PieceIndex): Buffer {
    const lengthBytes = this.#layout.lengthBytes(index);
    if (this.#scratch.length < lengthBytes) this.#scratch = Buffer.allocUnsafeSlow(lengthBytes);
    return this.#scratch.subarray(0, lengthBytes);
  }

  check(first: number, expected: readonly (PieceExpectation | undefined)[]): StoreAnswer {
    const good = new Uint8Array(expected.length);
    for (const [n, one] of expected.entries()) {
      if (one === undefined) continue;
      const index = this.#index(first + n);
      const bytes = this.#roomFor(index);
      const filled = this.#fill(index, (beginBytes, count) => [bytes.subarray(beginBytes, beginBytes + count)]);
      if (filled.ok && isRight(this.#flat(index, bytes), one)) {
        good[n] = 1;
        this.#sums.remember(first + n, [bytes]);
      } else if (!filled.ok && filled.error.code !== "engine.file_missing") {
        return failed(filled.error);
      }
    }
    return { kind: "checked", good };
  }

  sync(emptyFiles: readonly number[]): StoreAnswer {
    for (const file of emptyFiles) {
      const made = this.#files.use(file, "write");
      if (!made.ok) return failed(made.error);
    }
    const synced = this.#files.sync();
    return synced.ok ? this.identify() : failed(synced.error);
  }

  /** A file that does not exist (yet) has no identity. */
  identify(): StoreAnswer {
    const files: (FileIdentity | undefined)[] = [];
    for (let n = 0; n < this.#layout.fileCount; n++) {
      const file = this.#files.use(n, "read");
      const identity = file.ok ? file.value.identity() : file;
      if (!identity.ok && identity.error.code !== "engine.file_missing") return failed(identity.error);
      files.push(identity.ok ? identity.value : undefined);
    }
    return { kind: "identities", files };
  }

  /** Nothing may be written meanwhile. After the last step the files of the new place are the torrent's. */
  move(rootDir: string): StoreAnswer {
    const synced = this.#move === undefined ? this.#files.sync() : ok();
    if (!synced.ok) return failed(synced.error);
    const move = (this.#move ??= { mover: new Mover(this.#disk, this.#spec, rootDir), before: this.#spec });
    const stepped = move.mover.step();
    if (!stepped.ok) {
      this.settle("old");
      return failed(stepped.error);
    }
    if (!stepped.value) return { kind: "moving" };
    this.#use({ ...this.#spec, rootDir });
    return this.identify();
  }

  settle(keep: "old" | "new"): StoreAnswer {
    const move = this.#move;
    this.#move = undefined;
    if (move === undefined) return { kind: "settled" };
    if (keep === "new") {
      const removed = move.mover.removeOld();
      return removed.ok ? { kind: "settled" } : failed(removed.error);
    }
    this.#use(move.before);
    move.mover.undo();
    return { kind: "settled" };
  }

  #use(spec: StoreSpec): void {
    this.#files.closeAll();
    this.#spec = spec;
    this.#files = new OpenFiles(this.#disk, spec);
  }

  close(): void {
    this.settle("old");
    this.#files.closeAll();
    this.#journal?.close();
  }

  #index(piece: number): PieceIndex {
    return present(this.#layout.piece(piece), "a piece of the torrent");
  }

  /** Reads the padded piece into the views that `place` gives for each part of it. */
  #fill(index: PieceIndex, place: (beginBytes: number, lengthBytes: number) => Buffer[]): Result<undefined, Failure> {
    let filled = 0;
    for (const extent of this.#layout.extents(index)) {
      clear(place(filled, extent.pieceOffsetBytes - filled));
      filled = extent.pieceOffsetBytes + extent.lengthBytes;
      const file = this.#files.use(extent.file, "read");
      if (!file.ok) return file;
      const count = file.value.read(place(extent.pieceOffsetBytes, extent.lengthBytes), extent.fileOffsetBytes);
      if (!count.ok) return count;
      if (count.value < extent.lengthBytes) {
        return err(failure("engine.file_missing", { file: `part of piece ${index}` }));
      }
    }
    clear(place(filled, this.#layout.lengthBytes(index) - filled));
    return ok();
  }

  #flat(index: PieceIndex, bytes: Buffer): PieceContent {
    const data = bytes.subarray(0, this.#layout.dataBytes(index));
    return { sha1: () => sha1(bytes), root: (levels) => hashPieceV2(data, levels) };
  }

  #framed(index: PieceIndex, memory: Buffer, blocks: readonly Buffer[]): PieceContent {
    return {
      sha1: () => {
        const sum = createHash("sha1");
        for (const block of blocks) sum.update(block);
        return sum.digest();
      },
      root: (levels) => {
        const dataBytes = this.#layout.dataBytes(index);
        const data = dataBytes === this.#layout.lengthBytes(index) ? blocks : payloadViews(memory, 0, dataBytes);
        return rootOf({ hashes: leavesOfBlocks(data), level: 0, levels });
      },
    };
  }
}

/** A piece in memory, whichever way it lies there. */
type PieceContent = { sha1(): Uint8Array; root(levels: number): Uint8Array };

/** True when everything that is known of the piece's hash agrees; nothing known is never right. */
function isRight(content: PieceContent, expected: PieceExpectation): boolean {
  const { sha1: v1, root } = expected;
  if (v1 === undefined && root === undefined) return false;
  if (v1 !== undefined && !bytesEqual(content.sha1(), v1)) return false;
  return root === undefined || bytesEqual(content.root(root.levels), root.hash);
}

function clear(views: readonly Buffer[]): void {
  for (const view of views) view.fill(0);
}

/** SHA-1 of each block, in a row: enough to compare two copies of a piece that differ somewhere. */
function digestsOf(blocks: readonly Buffer[]): Uint8Array {
  const digests = new Uint8Array(blocks.length * SHA1_BYTES);
  for (const [n, block] of blocks.entries()) digests.set(sha1(block), n * SHA1_BYTES);
  return digests;
}

/** What lies on disk is wrong: nobody is to blame for its blocks. */
function differs(): StoreAnswer {
  return { kind: "hash-differs", digests: new Uint8Array(0), leaves: undefined };
}

function failed(failure: Failure): StoreAnswer {
  return { kind: "failed", failure };
}
