// Which names from outside may become names of files here. An unsafe name is refused, never repaired: a repaired name is
// one that nobody approved, and two of them may become the same file.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";

export type PathCode =
  | "metainfo.path_separator"
  | "metainfo.path_bad_name"
  | "metainfo.path_hidden"
  | "metainfo.path_symlink"
  | "metainfo.path_collision"
  | "metainfo.path_name_too_long"
  | "metainfo.path_depth_exceeded";

/** NAME_MAX of the common file systems, in bytes of UTF-8. */
const NAME_BYTES_MAX = 255;
const PATH_DEPTH_MAX = 100;
/** Leaves room for a root folder under Linux' PATH_MAX of 4096. */
const PATH_BYTES_MAX = 3_072;

const SEPARATOR = /[/\\]/;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;
// Format characters reverse or hide what a person reads ("exe.fdp" for "pdf.exe"); ignorable ones make two names look alike.
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
// Windows drops these at the end, so that two names become one file there.
const DROPPED_END = /[.\p{Zs}]$/u;
// Windows opens the device whatever follows the first dot; superscript digits count (CVE-2024-36138's kin).
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)/i;

/** One segment that is safe on Linux, macOS and Windows. */
export function safeName(name: string): Result<string, Failure<PathCode>> {
  const bad = (why: string) => err(failure<PathCode>("metainfo.path_bad_name", { name, why }));
  if (name === "") return bad("is empty");
  if (SEPARATOR.test(name)) return err(failure("metainfo.path_separator", { name }));
  if (name === "." || name === "..") return bad("means another folder");
  if (CONTROL.test(name)) return bad("holds a control character");
  if (INVISIBLE.test(name)) return bad("holds an invisible character or one that turns the reading direction");
  if (name.includes(":")) return bad("holds a colon, which names a drive or a hidden stream on Windows");
  if (DROPPED_END.test(name)) return bad("ends in a dot or a space, which Windows drops");
  if (DEVICE.test(name)) return bad("is a device on Windows");
  if (name.startsWith(".")) return err(failure("metainfo.path_hidden", { name }));
  const bytes = Buffer.byteLength(name, "utf8");
  if (bytes > NAME_BYTES_MAX) return err(failure("metainfo.path_name_too_long", { path: name, bytes }));
  return ok(name);
}

/** Segments that are safe one by one and together. */
export function safePath(segments: readonly string[]): Result<readonly string[], Failure<PathCode>> {
  if (segments.length > PATH_DEPTH_MAX) {
    return err(failure("metainfo.path_depth_exceeded", { depth: segments.length }));
  }
  if (segments.length === 0) return err(failure("metainfo.path_bad_name", { name: "", why: "is empty" }));
  let bytes = segments.length - 1;
  for (const segment of segments) {
    const checked = safeName(segment);
    if (!checked.ok) return checked;
    bytes += Buffer.byteLength(segment, "utf8");
  }
  if (bytes > PATH_BYTES_MAX) return err(failure("metainfo.path_depth_exceeded", { depth: segments.length }));
  return ok(segments);
}

/**
 * Finds two files that would meet on some file system: the same name, names that differ only in case or in Unicode form, or
 * a file where another file needs a folder. Each path costs time by its own length alone, however many there are.
 */
export class PathRegistry {
  /** Parent folder's number and folded name → the folder's number, or FILE. */
  readonly #places = new Map<string, number>();
  #foldersMade = 0;

  add(path: readonly string[]): Failure<PathCode> | undefined {
    let folder = 0;
    for (const [depth, segment] of path.entries()) {
      const key = `${folder}/${folded(segment)}`;
      const known = this.#places.get(key);
      const isFile = depth === path.length - 1;
      if (isFile ? known !== undefined : known === FILE) {
        return failure("metainfo.path_collision", { path: path.join("/") });
      }
      folder = known ?? (isFile ? FILE : ++this.#foldersMade);
      this.#places.set(key, folder);
    }
    return undefined;
  }
}

const FILE = -1;

// Upper case first: it unfolds what has no single lower-case form (ß, ﬁ), as full case folding does.
function folded(name: string): string {
  return name.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}
