// A hybrid torrent is one torrent with two descriptions. They must agree in every byte, or two clients would fetch two
// different contents under one approval (H20).

import { ok } from "../../base/result.ts";
import { type Parsed, refuse } from "./field.ts";
import type { FileList, Geometry } from "./files-v1.ts";

/** The v1 geometry (its last pad counts in v1 hashes) with the roots of v2. */
export function joinHalves(v1: FileList, v2: FileList, { pieceLengthBytes }: Geometry): Parsed<FileList> {
  const differs = (detail: string) => refuse("metainfo.hybrid_differs", { detail });
  if (v1.files.length !== v2.files.length) return differs(`${v1.files.length} files and ${v2.files.length}`);
  if (v1.bareFile !== v2.bareFile) return differs("one file and a folder");
  const files = [];
  for (const [n, twin] of v2.files.entries()) {
    const file = v1.files[n];
    const path = twin.path.join("/");
    if (file?.path.join("/") !== path) return differs(`another name or order at ${path}`);
    if (file.bytes !== twin.bytes) return differs(`another length of ${path}`);
    // Empty files have no place in any piece.
    if (file.bytes > 0 && file.offsetBytes !== twin.offsetBytes) return differs(`another place of ${path}`);
    files.push({ ...file, piecesRoot: twin.piecesRoot });
  }
  const pieces = (list: FileList) => Math.ceil(list.spanBytes / pieceLengthBytes);
  if (pieces(v1) !== pieces(v2)) return differs("another number of pieces");
  return ok({ bareFile: v1.bareFile, files, spanBytes: v1.spanBytes });
}
