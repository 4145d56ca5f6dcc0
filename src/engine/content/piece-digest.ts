// Hashes pieces as they lie on disk, for making and for checking torrents. Reads in small chunks that stay in the
// processor's cache between the read and the hash, so memory does not grow with the length of a piece.

import { createHash } from "node:crypto";
import { present } from "../../base/assert.ts";
import { BLOCK_BYTES, type Extent, Layout, type LayoutSource, type PieceIndex } from "../../domain/metainfo/layout.ts";
import { blockCountOf, leavesOf, levelsAbove, rootOf, SHA256_BYTES } from "../../domain/metainfo/merkle.ts";
import { pieceLevels, SHA1_BYTES } from "../../domain/metainfo/piece-hash.ts";
import type { Disk, DiskFile } from "../../world/disk.ts";

/** Where the content lies: `rootDir/…prefix/…file.path`. */
export type ContentPlace = { readonly rootDir: string; readonly prefix: readonly string[] };

export type DigestSource = LayoutSource & { readonly place: ContentPlace };

/** Hashes of consecutive pieces in rows; a piece that could not be read in full has `readable` 0 and zeros. */
export type PieceDigests = {
  readonly first: number;
  readonly readable: Uint8Array;
  /** 20 bytes a piece, over the padded piece; empty in v2. */
  readonly v1: Uint8Array;
  /** 32 bytes a piece, over its data; empty in v1. */
  readonly v2: Uint8Array;
};

const CHUNK_BYTES = 8 * BLOCK_BYTES;

export class PieceDigester {
  readonly #source: DigestSource;
  readonly #layout: Layout;
  readonly #disk: Disk;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #open: { readonly index: number; readonly file: DiskFile | undefined } | undefined;

  constructor(source: DigestSource, disk: Disk) {
    this.#source = source;
    this.#layout = new Layout(source);
    this.#disk = disk;
  }

  /** Pieces from `first` up to but not including `end`. */
  digest(first: number, end: number): PieceDigests {
    const count = end - first;
    const hasV1 = this.#source.format !== "v2";
    const hasV2 = this.#source.format !== "v1";
    const digests = {
      first,
      readable: new Uint8Array(count),
      v1: new Uint8Array(hasV1 ? count * SHA1_BYTES : 0),
      v2: new Uint8Array(hasV2 ? count * SHA256_BYTES : 0),
    };
    for (let n = 0; n < count; n++) {
      const piece = present(this.#layout.piece(first + n), "a piece of the torrent");
      const hashes = this.#hashes(piece, hasV1, hasV2);
      if (!hashes) continue;
      digests.readable[n] = 1;
      if (hashes.v1) digests.v1.set(hashes.v1, n * SHA1_BYTES);
      if (hashes.v2) digests.v2.set(hashes.v2, n * SHA256_BYTES);
    }
    return digests;
  }

  close(): void {
    this.#open?.file?.close();
    this.#open = undefined;
  }

  #hashes(piece: PieceIndex, hasV1: boolean, hasV2: boolean): { v1?: Uint8Array; v2?: Uint8Array } | undefined {
    const lengthBytes = this.#layout.lengthBytes(piece);
    const dataBytes = this.#layout.dataBytes(piece);
    const sha1 = hasV1 ? createHash("sha1") : undefined;
    const leaves = hasV2 ? new Uint8Array(blockCountOf(dataBytes) * SHA256_BYTES) : undefined;
    for (let beginBytes = 0; beginBytes < lengthBytes; beginBytes += CHUNK_BYTES) {
      const chunk = this.#chunk.subarray(0, Math.min(CHUNK_BYTES, lengthBytes - beginBytes));
      if (!this.#fill(chunk, piece, beginBytes)) return undefined;
      sha1?.update(chunk);
      const data = chunk.subarray(0, Math.max(0, dataBytes - beginBytes));
      leaves?.set(leavesOf(data), (beginBytes / BLOCK_BYTES) * SHA256_BYTES);
    }
    return {
      ...(sha1 && { v1: sha1.digest() }),
      ...(leaves && { v2: rootOf({ hashes: leaves, level: 0, levels: this.#levels(piece) }) }),
    };
  }

  /** Levels under the piece's node: fewer in a file that is shorter than a piece. */
  #levels(piece: PieceIndex): number {
    const place = present(this.#layout.place(piece), "a v2 piece's file");
    const { bytes } = present(this.#source.files[place.file], "a file");
    const { pieceLengthBytes } = this.#source;
    return bytes <= pieceLengthBytes ? levelsAbove(blockCountOf(bytes)) : pieceLevels(pieceLengthBytes);
  }

  /** The bytes of the files, zeros where there is padding. */
  #fill(chunk: Uint8Array, piece: PieceIndex, beginBytes: number): boolean {
    const extents = this.#layout.extentsOf({ piece, beginBytes, lengthBytes: chunk.length });
    const covered = extents.reduce((sum, extent) => sum + extent.lengthBytes, 0);
    if (covered < chunk.length) chunk.fill(0);
    return extents.every((extent) => this.#read(chunk, extent, beginBytes));
  }

  #read(chunk: Uint8Array, extent: Extent, beginBytes: number): boolean {
    const from = extent.pieceOffsetBytes - beginBytes;
    const view = chunk.subarray(from, from + extent.lengthBytes);
    const count = this.#file(extent.file)?.read([view], extent.fileOffsetBytes);
    return count?.ok === true && count.value === view.length;
  }

  #file(index: number): DiskFile | undefined {
    if (this.#open?.index !== index) {
      this.close();
      const { rootDir, prefix } = this.#source.place;
      const path = [...prefix, ...present(this.#source.files[index], "a file").path];
      const opened = this.#disk.open({ rootDir, path, access: "read", modeBits: 0 });
      this.#open = { index, file: opened.ok ? opened.value : undefined };
    }
    return this.#open?.file;
  }
}
