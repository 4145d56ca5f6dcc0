// The v1 half of `info`: `length` or `files`, and the piece hashes (BEP 3, BEP 47).

import { ok } from "../../base/result.ts";
import type { ContentFile } from "../../domain/metainfo/metainfo.ts";
import { SHA1_BYTES } from "../../domain/metainfo/piece-hash.ts";
import { PathRegistry } from "../../domain/metainfo/safe-path.ts";
import { BencodeDict, type BencodeValue, isList, keyOf } from "../bencode/value.ts";
import { attributesOf, lengthAt, type Parsed, pathOf, refuse, twinOf } from "./field.ts";

/** Files by their offsets; what lies between them is padding. */
export type FileList = {
  readonly bareFile: boolean;
  readonly files: readonly ContentFile[];
  readonly spanBytes: number;
};

export type Geometry = { readonly name: string; readonly pieceLengthBytes: number };

/** Larger counts are no longer exact; no storage holds them either. */
export const SPAN_BYTES_MAX = 2 ** 53 - 1;

export function readFilesV1(info: BencodeDict, geometry: Geometry): Parsed<FileList> {
  const files = info.get("files");
  const length = info.get("length");
  if (files === undefined && length === undefined) return refuse("metainfo.field_missing", { field: "length" });
  if (files !== undefined && length !== undefined) return refuse("metainfo.files_ambiguous");
  return files === undefined ? readBareFile(info, geometry) : readFolder(files, geometry);
}

function readBareFile(info: BencodeDict, { name }: Geometry): Parsed<FileList> {
  const length = lengthAt(info, name);
  if (!length.ok) return length;
  const { pad, link } = attributesOf(info);
  if (link) return refuse("metainfo.path_symlink", { path: name });
  if (pad) return refuse("metainfo.pad_invalid", { path: name, detail: "it is the only file" });
  const file: ContentFile = { path: [name], bytes: length.value, offsetBytes: 0, piecesRoot: undefined };
  return ok({ bareFile: true, files: [file], spanBytes: length.value });
}

function readFolder(list: BencodeValue, geometry: Geometry): Parsed<FileList> {
  if (!isList(list)) return refuse("metainfo.field_wrong", { field: "files" });
  const registry = new PathRegistry();
  const files: ContentFile[] = [];
  let spanBytes = 0;
  for (const item of list) {
    const entry = readEntry(item, geometry, registry);
    if (!entry.ok) return entry;
    const { path, bytes } = entry.value;
    if (path) files.push({ path, bytes, offsetBytes: spanBytes, piecesRoot: undefined });
    spanBytes += bytes;
    if (spanBytes > SPAN_BYTES_MAX) return refuse("metainfo.length_invalid", { path: geometry.name });
  }
  return ok({ bareFile: false, files, spanBytes });
}

/** `path` is undefined for a pad: it is geometry, and its name is never used (H42). */
type Entry = { readonly path: readonly string[] | undefined; readonly bytes: number };

function readEntry(item: BencodeValue, geometry: Geometry, registry: PathRegistry): Parsed<Entry> {
  if (!(item instanceof BencodeDict)) return refuse("metainfo.field_wrong", { field: "files" });
  const segments = twinOf(item, "path");
  const shown = shownPath(segments);
  const length = lengthAt(item, shown);
  if (!length.ok) return length;
  const { pad, link } = attributesOf(item);
  if (link) return refuse("metainfo.path_symlink", { path: shown });
  if (pad || isLegacyPad(segments)) {
    if (length.value < geometry.pieceLengthBytes) return ok({ path: undefined, bytes: length.value });
    return refuse("metainfo.pad_invalid", { path: shown, detail: "it is not shorter than a piece" });
  }
  const path = pathOf(segments);
  if (!path.ok) return path;
  const collision = registry.add(path.value);
  return collision ? { ok: false, error: collision } : ok({ path: path.value, bytes: length.value });
}

// BitComet's pads came before BEP 47 and have only this name.
const LEGACY_PAD = keyOf("_____padding_file_");

function isLegacyPad(segments: BencodeValue | undefined): boolean {
  const last = isList(segments) ? segments.at(-1) : undefined;
  return last instanceof Uint8Array && Buffer.from(last).toString("latin1").startsWith(LEGACY_PAD);
}

/** For sentences only. */
function shownPath(segments: BencodeValue | undefined): string {
  if (!isList(segments)) return "?";
  return segments.map((item) => (item instanceof Uint8Array ? Buffer.from(item).toString("utf8") : "?")).join("/");
}

/** `pieces`: exactly 20 bytes for each piece of the span (H13). */
export function readPiecesV1(info: BencodeDict, pieceCount: number): Parsed<Uint8Array> {
  const pieces = info.get("pieces");
  if (pieces === undefined) return refuse("metainfo.field_missing", { field: "pieces" });
  if (!(pieces instanceof Uint8Array)) return refuse("metainfo.field_wrong", { field: "pieces" });
  const bytesWanted = pieceCount * SHA1_BYTES;
  if (pieces.length === bytesWanted) return ok(pieces);
  return refuse("metainfo.pieces_invalid", { bytes: pieces.length, bytesWanted });
}
