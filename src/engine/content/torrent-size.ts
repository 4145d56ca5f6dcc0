// How large a torrent file will be, known before its content is hashed: one with too small pieces is larger than anybody takes.

import { type Failure, failure } from "../../base/failure.ts";
import { SHA256_BYTES } from "../../domain/metainfo/merkle.ts";
import type { ContentFile, TorrentFormat } from "../../domain/metainfo/metainfo.ts";
import { SHA1_BYTES } from "../../domain/metainfo/piece-hash.ts";
import { TORRENT_LIMITS } from "../../wire/bencode/decode.ts";
import { PIECE_BYTES_MAX } from "../../wire/metainfo/parse.ts";

export type Sizing = {
  readonly format: TorrentFormat;
  readonly files: readonly ContentFile[];
  readonly spanBytes: number;
};

/** `32:` and the root before each layer, and the digits of its length. */
const LAYER_HEAD_BYTES = 3 + SHA256_BYTES + 12;

/** Of all pieces' hashes, in both halves. Pads between files are not counted anew: they change little. */
function hashBytes({ format, files, spanBytes }: Sizing, pieceLengthBytes: number): number {
  const pieces = (bytes: number) => Math.ceil(bytes / pieceLengthBytes);
  const v1 = format === "v2" ? 0 : pieces(spanBytes) * SHA1_BYTES;
  if (format === "v1") return v1;
  // BEP 52: a file of one piece has no layer.
  const layered = files.filter(({ bytes }) => bytes > pieceLengthBytes);
  return layered.reduce((sum, { bytes }) => sum + pieces(bytes) * SHA256_BYTES + LAYER_HEAD_BYTES, v1);
}

/**
 * Why a torrent with pieces of this length would not be taken, if larger ones mend that.
 * @param otherBytes what the torrent file holds besides hashes of pieces: names, lengths, trackers.
 */
export function piecesTooSmall(sizing: Sizing, pieceLengthBytes: number, otherBytes: number): Failure | undefined {
  const { bytesMax } = TORRENT_LIMITS;
  const sizeAt = (length: number) => otherBytes + hashBytes(sizing, length);
  if (sizeAt(pieceLengthBytes) <= bytesMax) return undefined;
  let least = pieceLengthBytes * 2;
  while (least <= PIECE_BYTES_MAX && sizeAt(least) > bytesMax) least *= 2;
  if (least > PIECE_BYTES_MAX) return undefined;
  return failure("metainfo.pieces_too_small", {
    pieceLength: `${pieceLengthBytes / 1024}K`,
    bytes: sizeAt(pieceLengthBytes),
    bytesMax,
    least: `${least / 1024}K`,
  });
}
