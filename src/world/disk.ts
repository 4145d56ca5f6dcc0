// Files. Synchronous, because the engine calls it from threads of its own; refusals and the kernel's errors are values.

import type { Failure } from "../base/failure.ts";
import type { Result } from "../base/result.ts";

export type FileIdentity = { readonly sizeBytes: number; readonly modifiedMs: number };

export type FilePlace = {
  readonly rootDir: string;
  /** Components below rootDir, each already checked to be a plain name. */
  readonly path: readonly string[];
};

export type OpenRequest = FilePlace & {
  /** "write" creates what is missing. */
  readonly access: "read" | "write";
  /** Permission bits of a new file; never executable. */
  readonly modeBits: number;
};

export interface DiskFile {
  /** Fills the views one after the other from `atBytes`; returns how many bytes there were. */
  read(views: readonly Uint8Array[], atBytes: number): Result<number, Failure>;
  /** Writes all of the views one after the other: a short write is continued, never reported as done. */
  write(views: readonly Uint8Array[], atBytes: number): Result<undefined, Failure>;
  /** Makes what was written durable. After a failure the file counts as lost: it is never retried as success. */
  sync(): Result<undefined, Failure>;
  truncate(sizeBytes: number): Result<undefined, Failure>;
  identity(): Result<FileIdentity, Failure>;
  close(): void;
}

/**
 * Codes: engine.disk_full, engine.disk_failed, engine.file_missing, engine.path_unsafe (a symlink or a device lies in
 * the way), engine.files_exhausted (too many open files).
 */
export interface Disk {
  /** Opens without following a symlink anywhere below rootDir, also when a folder is swapped meanwhile. */
  open(request: OpenRequest): Result<DiskFile, Failure>;
  readWhole(path: string, bytesMax: number): Result<Uint8Array, Failure>;
  /** Writes a temporary file, syncs it, renames it over `path`, syncs the folder. */
  replace(path: string, bytes: Uint8Array): Result<undefined, Failure>;
  remove(path: string): Result<undefined, Failure>;
  /** Gives a file another name in its folder, durably, in place of what has that name. Follows no symlink. */
  rename(file: FilePlace, name: string): Result<undefined, Failure>;
  /** Takes away a file below rootDir, and its folders there that it leaves empty. Follows no symlink. */
  removeIn(file: FilePlace): Result<undefined, Failure>;
}
