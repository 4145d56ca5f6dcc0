// Release, the one way out of quarantine: exactly the bytes that were scanned, under a safe name, with a mark of where
// they came from. A file that was never cleared does not fit the type.

import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { LIBRARY_MODE_BITS, libraryFolder, syncFolder } from "./library.ts";
import type { Stored } from "./stored.ts";

export type PublishPlace = {
  /** The library's root, or the folder that the person chose. */
  readonly root: string;
  /** Safe segments below it: checked when the torrent was parsed. */
  readonly path: readonly string[];
};

/**
 * Moves the file to its place and returns the path. Nothing that exists is ever overwritten. Failure codes:
 * node.file_changed, node.library_unusable. After a failure the file is still in quarantine.
 */
export function publish(file: Stored<"clean">, place: PublishPlace): Result<string, Failure> {
  const target = join(place.root, ...place.path);
  const shown = place.path.at(-1) ?? "";
  let fd: number | undefined;
  try {
    fd = openSync(file.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    if (!fstatSync(fd).isFile() || digestOf(fd) !== file.sha256)
      return err(failure("node.file_changed", { file: shown }));
    libraryFolder(place.root, place.path.slice(0, -1));
    if (!linkInto(fd, file.path, target)) copyInto(fd, file.sha256, target);
    if (!holds(target, file.bytes)) return err(failure("node.file_changed", { file: shown }));
    syncFolder(dirname(target));
    unlinkSync(file.path);
    return ok(target);
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return err(failure("node.library_unusable", { folder: dirname(target), detail }, thrown));
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

// H130: the bytes behind this descriptor, not whatever has the name by now.
function digestOf(fd: number): string {
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(1024 * 1024);
  for (let at = 0; ; ) {
    const count = readSync(fd, chunk, 0, chunk.length, at);
    if (count === 0) return hash.digest("hex");
    hash.update(chunk.subarray(0, count));
    at += count;
  }
}

/** Gives the hashed file its second name at once; false when the disks differ or cannot link. */
function linkInto(fd: number, path: string, target: string): boolean {
  fchmodSync(fd, LIBRARY_MODE_BITS);
  try {
    linkSync(path, target);
  } catch (thrown) {
    // Linked already, before a kill: the check below tells it from somebody else's file.
    if (codeOf(thrown) === "EEXIST" && isSameFile(fd, target)) return true;
    if (codeOf(thrown) === "EEXIST") throw thrown;
    return false;
  }
  if (isSameFile(fd, target)) return true;
  // The name was given to another file in between: what was linked is not what was hashed.
  unlinkSync(target);
  throw new Error("the file was exchanged while it was released");
}

function isSameFile(fd: number, path: string): boolean {
  const named = lstatSync(path, { bigint: true });
  const opened = fstatSync(fd, { bigint: true });
  return named.ino === opened.ino && named.dev === opened.dev;
}

/** Copies what the descriptor holds, hashes it again on the way, and names it only when it is whole. */
function copyInto(fd: number, sha256: string, target: string): void {
  const partial = `${target}.swarmgate-part`;
  unlinkIfThere(partial);
  const into = openSync(partial, "wx", 0o600);
  try {
    const hash = createHash("sha256");
    const chunk = Buffer.alloc(1024 * 1024);
    for (let at = 0; ; ) {
      const count = readSync(fd, chunk, 0, chunk.length, at);
      if (count === 0) break;
      hash.update(chunk.subarray(0, count));
      for (let done = 0; done < count; ) done += writeSync(into, chunk, done, count - done);
      at += count;
    }
    if (hash.digest("hex") !== sha256) throw new Error("the file changed while it was copied");
    fchmodSync(into, LIBRARY_MODE_BITS);
    fsyncSync(into);
    linkSync(partial, target);
  } finally {
    closeSync(into);
    unlinkIfThere(partial);
  }
}

function holds(target: string, bytes: number): boolean {
  const there = lstatSync(target);
  return there.isFile() && there.size === bytes && (there.mode & 0o111) === 0;
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
  }
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}
