// Plans a new torrent before its files are hashed: the order of the files, their offsets, the piece length.

import { compareBytes } from "../../base/bytes.ts";
import type { ContentFile, TorrentFormat } from "./metainfo.ts";

export type SourceFile = { readonly path: readonly string[]; readonly bytes: number };

const PIECE_BYTES_LEAST = 32 * 1024;
const PIECE_BYTES_MOST = 16 * 1024 * 1024;
/** More pieces make the torrent large and requests coarse-grained bitfields long; fewer make each loss expensive. */
const PIECES_WANTED_MAX = 2_048;

/** A power of two that cuts the content into at most about two thousand pieces, where pieces stay between 32 KiB and 16 MiB. */
export function choosePieceLength(totalBytes: number): number {
  let bytes = PIECE_BYTES_LEAST;
  while (bytes < PIECE_BYTES_MOST && totalBytes / bytes > PIECES_WANTED_MAX) bytes *= 2;
  return bytes;
}

/**
 * BEP 52's order, which hybrids need in both halves: as the file tree is walked, each segment compared by its bytes.
 * So `dir/z` comes before `dir.x`.
 */
export function byTreeOrder(a: SourceFile, b: SourceFile): number {
  for (const [depth, segment] of a.path.entries()) {
    const other = b.path[depth];
    if (other === undefined) return 1;
    const order = compareBytes(Buffer.from(segment, "utf8"), Buffer.from(other, "utf8"));
    if (order !== 0) return order;
  }
  return a.path.length - b.path.length;
}

/** Offsets: one after the other in v1, each on a piece border in v2 and hybrid. */
export function placeFiles(
  sources: readonly SourceFile[],
  shape: { format: TorrentFormat; pieceLengthBytes: number; bareFile: boolean },
): { readonly files: ContentFile[]; readonly spanBytes: number } {
  const aligned = shape.format !== "v1";
  const nextBorder = (bytes: number) => Math.ceil(bytes / shape.pieceLengthBytes) * shape.pieceLengthBytes;
  const files: ContentFile[] = [];
  let endBytes = 0;
  for (const { path, bytes } of sources) {
    const offsetBytes = aligned ? nextBorder(endBytes) : endBytes;
    files.push({ path, bytes, offsetBytes, piecesRoot: undefined });
    endBytes = offsetBytes + bytes;
  }
  // libtorrent pads a hybrid folder's last file too; its v1 hashes cover that padding.
  const padsEnd = shape.format === "hybrid" && !shape.bareFile;
  return { files, spanBytes: padsEnd ? nextBorder(endBytes) : lastByte(files) };
}

function lastByte(files: readonly ContentFile[]): number {
  return Math.max(
    0,
    ...files
      .filter((file) => file.bytes > 0)
      .slice(-1)
      .map((file) => file.offsetBytes + file.bytes),
  );
}
