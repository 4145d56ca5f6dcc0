// Makes a torrent of a file or folder. The same content and options give the same bytes, on every machine.

import { present } from "../../base/assert.ts";
import { toHex } from "../../base/bytes.ts";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { Layout } from "../../domain/metainfo/layout.ts";
import { HashTree, SHA256_BYTES } from "../../domain/metainfo/merkle.ts";
import type { ContentFile, Metainfo, TorrentFormat } from "../../domain/metainfo/metainfo.ts";
import { pieceLevels, SHA1_BYTES } from "../../domain/metainfo/piece-hash.ts";
import { choosePieceLength, placeFiles } from "../../domain/metainfo/plan.ts";
import { encodeTorrent, type TorrentDraft } from "../../wire/metainfo/encode.ts";
import { PIECE_BYTES_MAX, parseTorrent } from "../../wire/metainfo/parse.ts";
import { type DigestOptions, digestAll } from "./digest-pool.ts";
import type { PieceDigests } from "./piece-digest.ts";
import { readSourceTree, type SourceTree } from "./source-tree.ts";
import { piecesTooSmall } from "./torrent-size.ts";
import type { ContentWorld } from "./verify.ts";

export type AuthorOptions = Pick<TorrentDraft, "trackers" | "webSeeds" | "private" | "sslCert" | "comment"> & {
  readonly format: TorrentFormat;
  /** Default: chosen by the size of the content. */
  readonly pieceLengthBytes?: number | undefined;
};

export type Authored = { readonly bytes: Uint8Array; readonly torrent: Metainfo };

const CREATED_BY = "Swarmgate";

export async function authorTorrent(
  path: string,
  options: AuthorOptions,
  hashing: DigestOptions,
  world: ContentWorld,
): Promise<Result<Authored, Failure>> {
  const tree = await readSourceTree(path, world.listing);
  if (!tree.ok) return tree;
  const totalBytes = tree.value.files.reduce((sum, file) => sum + file.bytes, 0);
  if (totalBytes === 0) return err(failure("metainfo.files_missing"));
  const pieceLengthBytes = options.pieceLengthBytes ?? choosePieceLength(totalBytes);
  const { bareFile, name, place } = tree.value;
  const shape = { format: options.format, pieceLengthBytes, bareFile };
  const geometry = placeFiles(tree.value.files, shape);
  const draft = { ...options, ...shape, name, createdBy: CREATED_BY, createdAtSeconds: undefined };
  // Everything that can be refused is refused before hours of hashing: a draft of zeros goes through the parser first.
  const rehearsal = rehearse(draft, geometry);
  if (rehearsal) return err(rehearsal);
  const digests = await digestAll({ ...shape, ...geometry, place }, hashing, world);
  const changed = hasChanged(tree.value, await readSourceTree(path, world.listing), digests);
  if (changed) return err(failure("metainfo.source_changed", { path }));
  const hashes = assemble({ ...shape, ...geometry }, digests);
  const bytes = encodeTorrent({ ...draft, spanBytes: geometry.spanBytes, ...hashes });
  const torrent = parseTorrent(bytes);
  return torrent.ok ? ok({ bytes, torrent: torrent.value }) : torrent;
}

type Geometry = { readonly files: readonly ContentFile[]; readonly spanBytes: number };
type Shape = Pick<Metainfo, "format" | "pieceLengthBytes" | "bareFile">;
type Hashes = Pick<TorrentDraft, "files" | "piecesV1" | "pieceLayers">;

function rehearse(draft: Omit<TorrentDraft, "spanBytes" | keyof Hashes>, geometry: Geometry): Failure | undefined {
  // The parser says what is wrong with a length that no torrent can have.
  const isPossible = draft.pieceLengthBytes >= 1 && draft.pieceLengthBytes <= PIECE_BYTES_MAX;
  const pieces = draft.format === "v2" || !isPossible ? 0 : Math.ceil(geometry.spanBytes / draft.pieceLengthBytes);
  const someRoot = new Uint8Array(SHA256_BYTES).fill(1);
  const encoded = (piecesV1: Uint8Array) =>
    encodeTorrent({
      ...draft,
      spanBytes: geometry.spanBytes,
      files: geometry.files.map((file) => ({ ...file, piecesRoot: file.bytes > 0 ? someRoot : undefined })),
      piecesV1,
      pieceLayers: new Map(),
    });
  const bare = encoded(new Uint8Array());
  const sizing = { ...geometry, format: draft.format };
  const small = isPossible ? piecesTooSmall(sizing, draft.pieceLengthBytes, bare.length) : undefined;
  if (small) return small;
  const parsed = parseTorrent(encoded(new Uint8Array(pieces * SHA1_BYTES)));
  return parsed.ok ? undefined : parsed.error;
}

function hasChanged(before: SourceTree, after: Result<SourceTree, Failure>, digests: readonly PieceDigests[]): boolean {
  const unread = digests.some((digest) => digest.readable.includes(0));
  return unread || !after.ok || after.value.stamp !== before.stamp;
}

function assemble(torrent: Shape & Geometry, digests: readonly PieceDigests[]): Hashes {
  const piecesV1 = torrent.format === "v2" ? undefined : Buffer.concat(digests.map((digest) => digest.v1));
  if (torrent.format === "v1") return { files: torrent.files, piecesV1, pieceLayers: new Map() };
  const roots = Buffer.concat(digests.map((digest) => digest.v2));
  const layout = new Layout(torrent);
  const pieceLayers = new Map<string, Uint8Array>();
  const files = torrent.files.map((file, n) => {
    if (file.bytes === 0) return file;
    const { first, end } = layout.piecesOf(present(layout.file(n), "a file"));
    const layer = roots.subarray(first * SHA256_BYTES, end * SHA256_BYTES);
    if (file.bytes <= torrent.pieceLengthBytes) return { ...file, piecesRoot: layer };
    const piecesRoot = layerRoot(layer, file.bytes, torrent.pieceLengthBytes);
    pieceLayers.set(toHex(piecesRoot), layer);
    return { ...file, piecesRoot };
  });
  return { files, piecesV1, pieceLayers };
}

function layerRoot(layer: Uint8Array, fileBytes: number, pieceLengthBytes: number): Uint8Array {
  return new HashTree({ hashes: layer, baseLevel: pieceLevels(pieceLengthBytes), fileBytes }).root;
}
