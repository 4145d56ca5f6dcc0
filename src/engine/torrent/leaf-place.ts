// Where the hashes of a piece's blocks (BEP 52's leaves) lie in the tree of its file.

import { pieceHashV2 } from "../../domain/metainfo/piece-hash.ts";
import type { MessageOf } from "../../wire/peer/format.ts";
import type { Content } from "./content.ts";

export type HashFields = Omit<MessageOf<"hashRequest">, "type">;

/** `hash` is the node that the piece's 2^`levels` leaves from `first` on lead to. */
export type LeafPlace = {
  readonly root: Uint8Array;
  readonly first: number;
  readonly levels: number;
  readonly hash: Uint8Array;
};

/** Undefined for a piece without a v2 half, or whose hash is not known yet. */
export function leafPlaceOf(content: Content, piece: number): LeafPlace | undefined {
  const { metainfo, layout } = content;
  const index = content.index(piece);
  const node = pieceHashV2(metainfo, layout, index);
  const place = layout.place(index);
  const root = place && metainfo.files[place.file]?.piecesRoot;
  if (node === undefined || place === undefined || root === undefined) return undefined;
  return { root, first: place.pieceInFile * 2 ** node.levels, levels: node.levels, hash: node.hash };
}
