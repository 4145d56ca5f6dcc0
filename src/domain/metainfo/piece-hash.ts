// What a piece must hash to: SHA-1 over the padded piece in v1, a subtree over the data alone in v2.

import { hash } from "node:crypto";
import { toHex } from "../../base/bytes.ts";
import { BLOCK_BYTES, type Layout, type PieceIndex } from "./layout.ts";
import { blockCountOf, leavesOf, levelsAbove, rootOf, SHA256_BYTES } from "./merkle.ts";
import type { Metainfo } from "./metainfo.ts";

export const SHA1_BYTES = 20;

export function sha1(bytes: Uint8Array): Uint8Array {
  return hash("sha1", bytes, "buffer");
}

/** The piece's SHA-1; undefined in v2. */
export function pieceHashV1(torrent: Pick<Metainfo, "piecesV1">, piece: PieceIndex): Uint8Array | undefined {
  return torrent.piecesV1?.subarray(piece * SHA1_BYTES, (piece + 1) * SHA1_BYTES);
}

/** A node of a file's tree and how many levels of leaves lie under it. */
export type PieceRoot = { readonly hash: Uint8Array; readonly levels: number };

/** Undefined in v1, and while the file's piece layer has not arrived (BEP 52: magnets get it by hash requests). */
export function pieceHashV2(
  torrent: Pick<Metainfo, "files" | "pieceLayers" | "pieceLengthBytes">,
  layout: Layout,
  piece: PieceIndex,
): PieceRoot | undefined {
  const place = layout.place(piece);
  const file = place && torrent.files[place.file];
  if (!place || !file?.piecesRoot) return undefined;
  // A file of one piece needs no layer: its own root is the piece's.
  if (file.bytes <= torrent.pieceLengthBytes) {
    return { hash: file.piecesRoot, levels: levelsAbove(blockCountOf(file.bytes)) };
  }
  const layer = torrent.pieceLayers.get(toHex(file.piecesRoot));
  const begin = place.pieceInFile * SHA256_BYTES;
  return layer && { hash: layer.subarray(begin, begin + SHA256_BYTES), levels: pieceLevels(torrent.pieceLengthBytes) };
}

/** The level of the piece layer: how many times a v2 piece halves down to its blocks. */
export function pieceLevels(pieceLengthBytes: number): number {
  return levelsAbove(pieceLengthBytes / BLOCK_BYTES);
}

/** The node over a piece's data, its missing blocks counted as zero leaves. */
export function hashPieceV2(data: Uint8Array, levels: number): Uint8Array {
  return rootOf({ hashes: leavesOf(data), level: 0, levels });
}
