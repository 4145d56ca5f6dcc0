// Checks content on disk against a torrent, piece by piece, and says which files are good.

import { basename, dirname, join, resolve } from "node:path";
import { present } from "../../base/assert.ts";
import { bytesEqual, toHex } from "../../base/bytes.ts";
import { Layout } from "../../domain/metainfo/layout.ts";
import { HashTree, SHA256_BYTES } from "../../domain/metainfo/merkle.ts";
import type { ContentFile, Metainfo } from "../../domain/metainfo/metainfo.ts";
import { pieceHashV1, pieceHashV2, pieceLevels, SHA1_BYTES } from "../../domain/metainfo/piece-hash.ts";
import type { Listing } from "../../world/listing.ts";
import { type DigestOptions, type DigestWorld, digestAll } from "./digest-pool.ts";
import type { ContentPlace, PieceDigests } from "./piece-digest.ts";

export type FileState = "good" | "bad" | "missing" | "wrong-length";

export type FileVerification = {
  readonly path: string;
  readonly bytes: number;
  readonly state: FileState;
  /** Pieces that hold bytes of the file and do not verify. */
  readonly piecesBad: number;
};

export type Verification = {
  readonly piecesTotal: number;
  readonly piecesGood: number;
  readonly files: readonly FileVerification[];
};

export type ContentWorld = DigestWorld & { readonly listing: Listing };

/** `dir` is the folder that holds the torrent's file or folder, or that folder itself. */
export async function verifyContent(
  torrent: Metainfo,
  dir: string,
  hashing: DigestOptions,
  world: ContentWorld,
): Promise<Verification> {
  const place = await findContent(torrent, dir, world.listing);
  const lengths = await Promise.all(torrent.files.map((file) => lengthOf(place, file, world.listing)));
  const digests = await digestAll({ ...sourceOf(torrent), place }, hashing, world);
  const good = goodPieces(torrent, digests);
  const layout = new Layout(torrent);
  const files = torrent.files.map((file, n): FileVerification => {
    const { first, end } = layout.piecesOf(present(layout.file(n), "a file"));
    const piecesBad = good.subarray(first, end).filter((flag) => flag === 0).length;
    return { path: file.path.join("/"), bytes: file.bytes, state: stateOf(file, lengths[n], piecesBad), piecesBad };
  });
  return { piecesTotal: good.length, piecesGood: good.filter((flag) => flag === 1).length, files };
}

function sourceOf({ format, pieceLengthBytes, spanBytes, files }: Metainfo) {
  return { format, pieceLengthBytes, spanBytes, files };
}

function stateOf(file: ContentFile, length: number | undefined, piecesBad: number): FileState {
  if (length === undefined) return "missing";
  if (length !== file.bytes) return "wrong-length";
  return piecesBad > 0 ? "bad" : "good";
}

async function findContent(torrent: Metainfo, dir: string, listing: Listing): Promise<ContentPlace> {
  const full = resolve(dir);
  const inside = await listing.look(join(full, torrent.name));
  const itself = await listing.look(full);
  if (torrent.bareFile) {
    const isTheFile = itself?.kind === "file" && basename(full) === torrent.name;
    return { rootDir: isTheFile ? dirname(full) : full, prefix: [] };
  }
  const isTheFolder = inside === undefined && itself?.kind === "folder" && basename(full) === torrent.name;
  return isTheFolder ? { rootDir: full, prefix: [] } : { rootDir: full, prefix: [torrent.name] };
}

async function lengthOf(place: ContentPlace, file: ContentFile, listing: Listing): Promise<number | undefined> {
  const found = await listing.look(join(place.rootDir, ...place.prefix, ...file.path));
  return found?.kind === "file" ? found.bytes : undefined;
}

/** One byte a piece: 1 when every hash that the torrent has for it agrees. */
function goodPieces(torrent: Metainfo, digests: readonly PieceDigests[]): Uint8Array {
  const readable = Buffer.concat(digests.map((digest) => digest.readable));
  const v1 = Buffer.concat(digests.map((digest) => digest.v1));
  const v2 = Buffer.concat(digests.map((digest) => digest.v2));
  const layout = new Layout(torrent);
  const proven = torrent.format === "v1" ? undefined : withRebuiltLayers(torrent, layout, v2);
  const good = new Uint8Array(layout.pieceCount);
  for (const piece of layout.pieces()) {
    const wantedV1 = pieceHashV1(torrent, piece);
    const wantedV2 = proven && pieceHashV2(proven, layout, piece);
    const agreesV1 = !wantedV1 || bytesEqual(v1.subarray(piece * SHA1_BYTES, (piece + 1) * SHA1_BYTES), wantedV1);
    const foundV2 = v2.subarray(piece * SHA256_BYTES, (piece + 1) * SHA256_BYTES);
    const agreesV2 = !proven || (wantedV2 !== undefined && bytesEqual(foundV2, wantedV2.hash));
    good[piece] = readable[piece] === 1 && agreesV1 && agreesV2 ? 1 : 0;
  }
  return good;
}

/** A torrent that lacks a piece layer can still be checked file by file: the layer of the right content leads to the root. */
function withRebuiltLayers(torrent: Metainfo, layout: Layout, v2: Uint8Array): Metainfo {
  const pieceLayers = new Map(torrent.pieceLayers);
  for (const [n, file] of torrent.files.entries()) {
    const key = file.piecesRoot && toHex(file.piecesRoot);
    if (key === undefined || file.bytes <= torrent.pieceLengthBytes || pieceLayers.has(key)) continue;
    const { first, end } = layout.piecesOf(present(layout.file(n), "a file"));
    const hashes = v2.subarray(first * SHA256_BYTES, end * SHA256_BYTES);
    const tree = new HashTree({ hashes, baseLevel: pieceLevels(torrent.pieceLengthBytes), fileBytes: file.bytes });
    if (toHex(tree.root) === key) pieceLayers.set(key, hashes);
  }
  return { ...torrent, pieceLayers };
}
