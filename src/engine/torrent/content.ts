// What is known of a torrent once its metadata is here: geometry, hashes, and which pieces are verified.

import { present } from "../../base/assert.ts";
import { Layout, type PieceIndex } from "../../domain/metainfo/layout.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import { pieceHashV1, pieceHashV2 } from "../../domain/metainfo/piece-hash.ts";
import { Bitfield } from "../picker/bitfield.ts";
import type { PieceExpectation } from "../storage/job.ts";

export class Content {
  readonly layout: Layout;
  readonly have: Bitfield;
  /** Pieces of each file that are not verified. */
  readonly piecesLeft: number[];
  #metainfo: Metainfo;

  constructor(metainfo: Metainfo) {
    this.#metainfo = metainfo;
    this.layout = new Layout(metainfo);
    this.have = new Bitfield(this.layout.pieceCount);
    this.piecesLeft = metainfo.files.map((_, n) => {
      const { first, end } = this.layout.piecesOf(present(this.layout.file(n), "a file"));
      return end - first;
    });
  }

  get metainfo(): Metainfo {
    return this.#metainfo;
  }

  /** BEP 52: a file's piece layer has arrived and leads to its root. */
  addPieceLayer(rootHex: string, layer: Uint8Array): void {
    this.#metainfo = {
      ...this.#metainfo,
      pieceLayers: new Map([...this.#metainfo.pieceLayers, [rootHex, layer]]),
    };
  }

  index(piece: number): PieceIndex {
    return present(this.layout.piece(piece), "a piece of the torrent");
  }

  /** Whether there is something to verify the piece against: always, but in a v2 magnet whose layers are not all here. */
  isVerifiable(piece: number): boolean {
    return this.#metainfo.piecesV1 !== undefined || this.expectation(piece) !== undefined;
  }

  /** Undefined while nothing is known to verify the piece against. */
  expectation(piece: number): PieceExpectation | undefined {
    const index = this.index(piece);
    const sha1 = pieceHashV1(this.#metainfo, index);
    const root = pieceHashV2(this.#metainfo, this.layout, index);
    if (sha1 === undefined && root === undefined) return undefined;
    // Copies: a view that crosses a thread border takes everything with it that it is a part of, here the whole torrent file.
    return { sha1: sha1 && Uint8Array.from(sha1), root: root && { ...root, hash: Uint8Array.from(root.hash) } };
  }

  /** Returns the files that this piece completed. */
  verified(piece: number): number[] {
    if (!this.have.set(piece)) return [];
    const complete: number[] = [];
    for (const { file } of this.layout.extents(this.index(piece))) {
      const left = (this.piecesLeft[file] ?? 0) - 1;
      this.piecesLeft[file] = left;
      if (left === 0) complete.push(file);
    }
    return complete;
  }

  lost(piece: number): void {
    if (!this.have.has(piece)) return;
    this.have.clear(piece);
    for (const { file } of this.layout.extents(this.index(piece))) {
      this.piecesLeft[file] = (this.piecesLeft[file] ?? 0) + 1;
    }
  }

  /** Verified bytes of each file. */
  fileBytesDone(): number[] {
    const done = this.#metainfo.files.map((file, n) => (this.piecesLeft[n] === 0 ? file.bytes : 0));
    const partial = (file: number) => (this.piecesLeft[file] ?? 0) > 0;
    for (let n = 0; n < done.length; n++) {
      if (!partial(n)) continue;
      const { first, end } = this.layout.piecesOf(present(this.layout.file(n), "a file"));
      for (let piece = first; piece < end; piece++)
        if (this.have.has(piece)) done[n] = (done[n] ?? 0) + this.#bytesIn(n, piece);
    }
    return done;
  }

  #bytesIn(file: number, piece: number): number {
    const extents = this.layout.extents(this.index(piece));
    return extents.find((extent) => extent.file === file)?.lengthBytes ?? 0;
  }
}
