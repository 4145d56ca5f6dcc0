// The geometry of a torrent: which bytes of which files a piece covers. Indices become trusted here and nowhere else.

import { assert, present } from "../../base/assert.ts";
import type { Brand } from "../../base/brand.ts";
import type { Metainfo } from "./metainfo.ts";

/** A piece that this torrent has; made only by `layout.piece(n)`. */
export type PieceIndex = Brand<number, "PieceIndex">;
/** A content file that this torrent has; made only by `layout.file(n)`. */
export type FileIndex = Brand<number, "FileIndex">;

/** BEP 3, BEP 52: the unit of requests, and of the leaves of v2 trees. */
export const BLOCK_BYTES = 16 * 1024;

/** A run of bytes of one file inside one piece. What lies between two extents is padding: zeros, never stored. */
export type Extent = {
  readonly file: FileIndex;
  readonly fileOffsetBytes: number;
  readonly pieceOffsetBytes: number;
  readonly lengthBytes: number;
};

export type LayoutSource = Pick<Metainfo, "format" | "pieceLengthBytes" | "spanBytes" | "files">;

export class Layout {
  readonly pieceCount: number;
  readonly fileCount: number;
  readonly pieceLengthBytes: number;
  readonly spanBytes: number;
  readonly #files: LayoutSource["files"];
  readonly #format: LayoutSource["format"];
  /** Files that hold bytes, in the order of their offsets; empty files have no place in any piece. */
  readonly #filled: FileIndex[];

  constructor(source: LayoutSource) {
    this.#files = source.files;
    this.#format = source.format;
    this.pieceLengthBytes = source.pieceLengthBytes;
    this.spanBytes = source.spanBytes;
    this.pieceCount = Math.ceil(source.spanBytes / source.pieceLengthBytes);
    this.fileCount = source.files.length;
    this.#filled = [];
    let endBytes = 0;
    for (const [n, file] of source.files.entries()) {
      if (file.bytes === 0) continue;
      assert(file.offsetBytes >= endBytes, "files lie behind one another");
      endBytes = file.offsetBytes + file.bytes;
      this.#filled.push(n as FileIndex);
    }
    assert(endBytes <= source.spanBytes, "the span holds every file");
  }

  piece(n: number): PieceIndex | undefined {
    return Number.isInteger(n) && n >= 0 && n < this.pieceCount ? (n as PieceIndex) : undefined;
  }

  file(n: number): FileIndex | undefined {
    return Number.isInteger(n) && n >= 0 && n < this.fileCount ? (n as FileIndex) : undefined;
  }

  *pieces(): Generator<PieceIndex> {
    for (let n = 0; n < this.pieceCount; n++) yield n as PieceIndex;
  }

  /** The piece with its padding: what a v1 hash covers. Only the last piece is shorter than the others. */
  lengthBytes(piece: PieceIndex): number {
    return Math.min(this.pieceLengthBytes, this.spanBytes - piece * this.pieceLengthBytes);
  }

  /** How far a peer may ask: libtorrent counts padding behind the last file of a v2 torrent too, and wants it as zeros. */
  paddedBytes(piece: PieceIndex): number {
    return this.#format === "v2" ? this.pieceLengthBytes : this.lengthBytes(piece);
  }

  /** The piece without the padding at its end: what is requested and stored, and what a v2 hash covers. */
  dataBytes(piece: PieceIndex): number {
    const last = this.extents(piece).at(-1);
    return last ? last.pieceOffsetBytes + last.lengthBytes : 0;
  }

  blockCount(piece: PieceIndex): number {
    return Math.ceil(this.dataBytes(piece) / BLOCK_BYTES);
  }

  /** The request for the n-th block of the piece; undefined past its data. */
  block(piece: PieceIndex, n: number): { readonly beginBytes: number; readonly lengthBytes: number } | undefined {
    const beginBytes = n * BLOCK_BYTES;
    const dataBytes = this.dataBytes(piece);
    if (!Number.isInteger(n) || n < 0 || beginBytes >= dataBytes) return undefined;
    return { beginBytes, lengthBytes: Math.min(BLOCK_BYTES, dataBytes - beginBytes) };
  }

  /** The whole piece as runs of file bytes, in order. */
  extents(piece: PieceIndex): Extent[] {
    return this.extentsOf({ piece, beginBytes: 0, lengthBytes: this.lengthBytes(piece) });
  }

  /** A part of a piece as runs of file bytes, in order. The part must lie inside the piece. */
  extentsOf(part: { piece: PieceIndex; beginBytes: number; lengthBytes: number }): Extent[] {
    const { piece, beginBytes, lengthBytes } = part;
    assert(beginBytes >= 0 && beginBytes + lengthBytes <= this.lengthBytes(piece), "a part lies inside its piece");
    const pieceStart = piece * this.pieceLengthBytes;
    const start = pieceStart + beginBytes;
    const end = start + lengthBytes;
    const extents: Extent[] = [];
    for (let at = this.#firstEndingAfter(start); at < this.#filled.length; at++) {
      const file = present(this.#filled[at], "a filled file");
      const { offsetBytes, bytes } = present(this.#files[file], "a file");
      if (offsetBytes >= end) break;
      const from = Math.max(start, offsetBytes);
      const to = Math.min(end, offsetBytes + bytes);
      extents.push({
        file,
        fileOffsetBytes: from - offsetBytes,
        pieceOffsetBytes: from - pieceStart,
        lengthBytes: to - from,
      });
    }
    return extents;
  }

  /** The pieces that hold bytes of the file, from `first` up to but not including `end`; empty for an empty file. */
  piecesOf(file: FileIndex): { readonly first: number; readonly end: number } {
    const { offsetBytes, bytes } = present(this.#files[file], "a file");
    const first = Math.floor(offsetBytes / this.pieceLengthBytes);
    return { first, end: bytes === 0 ? first : Math.ceil((offsetBytes + bytes) / this.pieceLengthBytes) };
  }

  /** v2 and hybrid: every piece belongs to one file. Undefined in v1. */
  place(piece: PieceIndex): { readonly file: FileIndex; readonly pieceInFile: number } | undefined {
    if (this.#format === "v1") return undefined;
    const file = present(this.extents(piece)[0], "a v2 piece holds bytes of a file").file;
    return { file, pieceInFile: piece - this.piecesOf(file).first };
  }

  #firstEndingAfter(spanOffsetBytes: number): number {
    let low = 0;
    let high = this.#filled.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { offsetBytes, bytes } = present(this.#files[present(this.#filled[middle], "a filled file")], "a file");
      if (offsetBytes + bytes > spanOffsetBytes) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
