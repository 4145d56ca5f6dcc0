// What the kernel says when it refuses something with a file, as failures that people can act on.

import { type Failure, failure } from "../../base/failure.ts";

export class PathUnsafe extends Error {}

export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
}

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
      return failure("engine.disk_failed", { file, why: code }, thrown);
  }
}
