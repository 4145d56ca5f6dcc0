// `Metainfo`-like drafts to the bytes of a .torrent file, key by key as libtorrent writes them, so that info-hashes agree.

import { assert } from "../../base/assert.ts";
import { fromHex } from "../../base/bytes.ts";
import type { ContentFile, Metainfo } from "../../domain/metainfo/metainfo.ts";
import { type BencodeInput, encode } from "../bencode/encode.ts";
import { keyOf } from "../bencode/value.ts";

/** Everything that the author decides; hashes and offsets come from the hashing of the files. */
export type TorrentDraft = Pick<
  Metainfo,
  | "name"
  | "format"
  | "bareFile"
  | "pieceLengthBytes"
  | "spanBytes"
  | "files"
  | "piecesV1"
  | "pieceLayers"
  | "trackers"
  | "webSeeds"
  | "private"
  | "sslCert"
  | "comment"
  | "createdBy"
  | "createdAtSeconds"
>;

export function encodeTorrent(draft: TorrentDraft): Uint8Array {
  const [first] = draft.trackers.flat();
  return encode({
    announce: first,
    "announce-list": draft.trackers.flat().length > 1 ? draft.trackers : undefined,
    comment: draft.comment,
    "created by": draft.createdBy,
    "creation date": draft.createdAtSeconds,
    info: infoOf(draft),
    "piece layers": draft.format === "v1" ? undefined : layersOf(draft.pieceLayers),
    "url-list": draft.webSeeds.length > 0 ? draft.webSeeds : undefined,
  });
}

function infoOf(draft: TorrentDraft): BencodeInput {
  const hasV1 = draft.format !== "v2";
  const hasV2 = draft.format !== "v1";
  const [only] = draft.files;
  assert(!draft.bareFile || only !== undefined, "a bare file is there");
  return {
    "file tree": hasV2 ? treeOf(draft.files) : undefined,
    files: hasV1 && !draft.bareFile ? filesOf(draft) : undefined,
    length: hasV1 && draft.bareFile ? only?.bytes : undefined,
    "meta version": hasV2 ? 2 : undefined,
    name: draft.name,
    "piece length": draft.pieceLengthBytes,
    pieces: hasV1 ? draft.piecesV1 : undefined,
    private: draft.private ? 1 : undefined,
    "ssl-cert": draft.sslCert,
  };
}

/** The v1 list, with a pad wherever the next file does not follow directly (BEP 47). */
function filesOf(draft: TorrentDraft): BencodeInput[] {
  const entries: BencodeInput[] = [];
  let endBytes = 0;
  const padTo = (offsetBytes: number) => {
    const length = offsetBytes - endBytes;
    if (length > 0) entries.push({ attr: "p", length, path: [".pad", `${length}`] });
    endBytes = offsetBytes;
  };
  for (const file of draft.files) {
    padTo(file.offsetBytes);
    entries.push({ length: file.bytes, path: file.path });
    endBytes += file.bytes;
  }
  padTo(draft.spanBytes);
  return entries;
}

type Tree = Map<string, Tree | BencodeInput>;

function treeOf(files: readonly ContentFile[]): BencodeInput {
  const root: Tree = new Map();
  for (const file of files) {
    let folder = root;
    for (const segment of file.path) folder = folderIn(folder, keyOf(segment));
    folder.set("", { length: file.bytes, "pieces root": file.piecesRoot });
  }
  return root;
}

function folderIn(folder: Tree, key: string): Tree {
  const known = folder.get(key);
  if (known instanceof Map) return known;
  const made: Tree = new Map();
  folder.set(key, made);
  return made;
}

function layersOf(layers: Metainfo["pieceLayers"]): BencodeInput {
  const keyed = new Map<string, Uint8Array>();
  for (const [root, layer] of layers) keyed.set(Buffer.from(fromHex(root) ?? []).toString("latin1"), layer);
  return keyed;
}
