// Reads the fields of a torrent, and says which one is missing or wrong.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { PathCode } from "../../domain/metainfo/safe-path.ts";
import { safePath } from "../../domain/metainfo/safe-path.ts";
import type { BencodeCode } from "../bencode/decode.ts";
import { type BencodeDict, type BencodeValue, isList, utf8 } from "../bencode/value.ts";

export type MetainfoCode =
  | BencodeCode
  | PathCode
  | "metainfo.torrent_malformed"
  | "metainfo.field_missing"
  | "metainfo.field_wrong"
  | "metainfo.version_unknown"
  | "metainfo.piece_length_invalid"
  | "metainfo.pieces_invalid"
  | "metainfo.pieces_exceeded"
  | "metainfo.length_invalid"
  | "metainfo.files_missing"
  | "metainfo.files_ambiguous"
  | "metainfo.tree_invalid"
  | "metainfo.root_invalid"
  | "metainfo.layer_invalid"
  | "metainfo.hybrid_differs"
  | "metainfo.pad_invalid"
  | "metainfo.certificate_invalid"
  | "metainfo.hash_mismatch";

export type Parsed<T> = Result<T, Failure<MetainfoCode>>;

export function refuse(code: MetainfoCode, data: Failure["data"] = {}): { ok: false; error: Failure<MetainfoCode> } {
  return err(failure(code, data));
}

/** The integer at the key, within the numbers that are exact. */
export function integerAt(dict: BencodeDict, field: string): Parsed<number> {
  const value = dict.get(field);
  if (value === undefined) return refuse("metainfo.field_missing", { field });
  return typeof value === "number" ? ok(value) : refuse("metainfo.field_wrong", { field });
}

/** A length of content: zero or more, and exact. `path` is for the sentence. */
export function lengthAt(dict: BencodeDict, path: string): Parsed<number> {
  const value = dict.get("length");
  if (value === undefined) return refuse("metainfo.field_missing", { field: "length" });
  return typeof value === "number" && value >= 0 ? ok(value) : refuse("metainfo.length_invalid", { path });
}

/** Optional words such as the comment: shown, never relied on. What is not UTF-8 text is left out. */
export function textAt(dict: BencodeDict, field: string, charactersMax: number): string | undefined {
  const text = dict.text(`${field}.utf-8`) ?? dict.text(field);
  return text?.slice(0, charactersMax);
}

/** The key's value, or its `.utf-8` twin: older clients wrote the plain one in a local character set. */
export function twinOf(dict: BencodeDict, field: string): BencodeValue | undefined {
  return dict.get(`${field}.utf-8`) ?? dict.get(field);
}

/** One safe name from bytes (H30: bytes that are not UTF-8 have no safe reading). */
export function nameOf(bytes: Uint8Array): Parsed<string> {
  const path = pathOf([bytes]);
  return path.ok ? ok(path.value[0] ?? "") : path;
}

/** A safe path from a list of byte strings. */
export function pathOf(value: BencodeValue | undefined): Parsed<readonly string[]> {
  if (value === undefined) return refuse("metainfo.field_missing", { field: "path" });
  if (!isList(value)) return refuse("metainfo.field_wrong", { field: "path" });
  const segments: string[] = [];
  for (const item of value) {
    if (!(item instanceof Uint8Array)) return refuse("metainfo.field_wrong", { field: "path" });
    const segment = utf8(item);
    if (segment === undefined) {
      return refuse("metainfo.path_bad_name", { name: Buffer.from(item).toString("utf8"), why: "is not UTF-8 text" });
    }
    segments.push(segment);
  }
  return safePath(segments);
}

/** BEP 47: `p` pad, `l` symbolic link, `x` executable, `h` hidden. The last two mean nothing here (H41). */
export function attributesOf(dict: BencodeDict): { readonly pad: boolean; readonly link: boolean } {
  const attributes = dict.bytes("attr") ?? new Uint8Array(0);
  const link = attributes.includes(0x6c) || dict.has("symlink path");
  return { pad: attributes.includes(0x70), link };
}
