// The v2 half of `info`: the file tree, and the piece layers that lie beside `info` (BEP 52).

import { bytesEqual, toHex } from "../../base/bytes.ts";
import { ok } from "../../base/result.ts";
import { blockCountOf, levelsAbove, padHash, rootOf, SHA256_BYTES } from "../../domain/metainfo/merkle.ts";
import type { ContentFile } from "../../domain/metainfo/metainfo.ts";
import { pieceLevels } from "../../domain/metainfo/piece-hash.ts";
import { PathRegistry } from "../../domain/metainfo/safe-path.ts";
import { BencodeDict, keyBytes } from "../bencode/value.ts";
import { attributesOf, lengthAt, type Parsed, pathOf, refuse } from "./field.ts";
import { type FileList, type Geometry, SPAN_BYTES_MAX } from "./files-v1.ts";

export function readFilesV2(info: BencodeDict, geometry: Geometry): Parsed<FileList> {
  const tree = info.get("file tree");
  if (tree === undefined) return refuse("metainfo.field_missing", { field: "file tree" });
  if (!(tree instanceof BencodeDict)) return refuse("metainfo.field_wrong", { field: "file tree" });
  const walk = new TreeWalk(geometry);
  const failed = walk.folder(tree, []);
  if (failed) return failed;
  const only = walk.files.length === 1 ? walk.files[0] : undefined;
  const bareFile = only?.path.length === 1 && only.path[0] === geometry.name;
  return ok({ bareFile, files: walk.files, spanBytes: walk.endBytes });
}

type Refusal = ReturnType<typeof refuse>;

class TreeWalk {
  readonly files: ContentFile[] = [];
  endBytes = 0;
  readonly #geometry: Geometry;
  readonly #registry = new PathRegistry();

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
  }

  folder(tree: BencodeDict, above: readonly Uint8Array[]): Refusal | undefined {
    if (tree.size === 0) return this.#wrong(above, "a folder is empty");
    for (const [key, value] of tree.entries()) {
      if (key === "") return this.#wrong(above, "a name is empty, or a file lies beside its own content");
      const path = [...above, keyBytes(key)];
      if (!(value instanceof BencodeDict)) return this.#wrong(path, "an entry is no dictionary");
      const failed = value.has("") ? this.#entry(value, path) : this.folder(value, path);
      if (failed) return failed;
    }
    return undefined;
  }

  #entry(entry: BencodeDict, path: readonly Uint8Array[]): Refusal | undefined {
    const file = entry.get("");
    if (entry.size !== 1) return this.#wrong(path, "it is both a file and a folder");
    if (!(file instanceof BencodeDict)) return this.#wrong(path, "a file is no dictionary");
    const shown = shownPath(path);
    const { pad, link } = attributesOf(file);
    if (link) return refuse("metainfo.path_symlink", { path: shown });
    // BEP 52: files start on piece borders anyway, so a pad in the tree can only mislead.
    if (pad) return refuse("metainfo.pad_invalid", { path: shown, detail: "v2 has no pads" });
    const length = lengthAt(file, shown);
    if (!length.ok) return length;
    const safe = pathOf(path);
    if (!safe.ok) return safe;
    const collision = this.#registry.add(safe.value);
    if (collision) return { ok: false, error: collision };
    const piecesRoot = length.value === 0 ? undefined : file.bytes("pieces root");
    if (length.value > 0 && !isRoot(piecesRoot)) return refuse("metainfo.root_invalid", { path: shown });
    const offsetBytes = length.value === 0 ? this.endBytes : this.#nextBorder();
    this.files.push({ path: safe.value, bytes: length.value, offsetBytes, piecesRoot });
    this.endBytes = offsetBytes + length.value;
    return this.endBytes > SPAN_BYTES_MAX ? refuse("metainfo.length_invalid", { path: shown }) : undefined;
  }

  #nextBorder(): number {
    const { pieceLengthBytes } = this.#geometry;
    return Math.ceil(this.endBytes / pieceLengthBytes) * pieceLengthBytes;
  }

  #wrong(path: readonly Uint8Array[], detail: string): Refusal {
    return refuse("metainfo.tree_invalid", { path: shownPath(path) || "its root", detail });
  }
}

function isRoot(root: Uint8Array | undefined): boolean {
  return root?.length === SHA256_BYTES && !bytesEqual(root, padHash(0));
}

/** For sentences only. */
function shownPath(path: readonly Uint8Array[]): string {
  return path.map((segment) => Buffer.from(segment).toString("utf8")).join("/");
}

/**
 * The layers that the torrent brings: each must belong to a file longer than a piece and lead to its root (H19). A file
 * whose layer is missing is accepted, as after a magnet: peers prove the layer later.
 */
export function readPieceLayers(
  layers: BencodeDict | undefined,
  torrent: { files: readonly ContentFile[]; pieceLengthBytes: number },
): Parsed<ReadonlyMap<string, Uint8Array>> {
  const verified = new Map<string, Uint8Array>();
  if (!layers) return ok(verified);
  const byRoot = new Map<string, ContentFile>();
  for (const file of torrent.files) {
    if (file.piecesRoot && file.bytes > torrent.pieceLengthBytes) byRoot.set(toHex(file.piecesRoot), file);
  }
  for (const [key, layer] of layers.entries()) {
    const root = toHex(keyBytes(key));
    const file = byRoot.get(root);
    if (!file) return refuse("metainfo.layer_invalid", { path: root.slice(0, 64), detail: "no file needs it" });
    const path = file.path.join("/");
    if (!(layer instanceof Uint8Array)) return refuse("metainfo.layer_invalid", { path, detail: "it is no string" });
    const pieces = Math.ceil(file.bytes / torrent.pieceLengthBytes);
    if (layer.length !== pieces * SHA256_BYTES) {
      return refuse("metainfo.layer_invalid", { path, detail: `${layer.length} bytes for ${pieces} pieces` });
    }
    if (toHex(rootOfLayer(layer, file.bytes, torrent.pieceLengthBytes)) !== root) {
      return refuse("metainfo.layer_invalid", { path, detail: "it does not lead to the file's root" });
    }
    verified.set(root, layer);
  }
  return ok(verified);
}

function rootOfLayer(layer: Uint8Array, fileBytes: number, pieceLengthBytes: number): Uint8Array {
  const level = pieceLevels(pieceLengthBytes);
  return rootOf({ hashes: layer, level, levels: levelsAbove(blockCountOf(fileBytes)) - level });
}
