// What the kernel says when it refuses something with a file, as failures that people can act on.

import { type Failure, failure } from "../../base/failure.ts";

export class PathUnsafe extends Error {}

export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
}

/** What a person can act on; other codes are shown as they are. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EEXIST: "a file stands where a folder is needed",
  EROFS: "this disk may only be read",
  EIO: "the device reports an error",
  ENAMETOOLONG: "the name is too long for this disk",
};

export function asFailure(thrown: unknown, file: string): Failure {
  const code = thrown instanceof PathUnsafe ? "ELOOP" : codeOf(thrown);
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return failure("engine.disk_full", { file }, thrown);
    case "ENOENT":
      return failure("engine.file_missing", { file }, thrown);
    case "ELOOP":
    case "ENOTDIR":
    case "EISDIR":
    case "ENXIO":
      return failure("engine.path_unsafe", { file }, thrown);
    case "EMFILE":
    case "ENFILE":
      return failure("engine.files_exhausted", { file }, thrown);
    default:
      return failure("engine.disk_failed", { file, why: WORDS[code] ?? code }, thrown);
  }
}
