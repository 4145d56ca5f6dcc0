// The library: folders for released files, and a name for each release that nothing else has.

import { execFile } from "node:child_process";
import { closeSync, existsSync, fsyncSync, lstatSync, mkdirSync, openSync } from "node:fs";
import { extname, join } from "node:path";
import { makeFolders } from "../../world/real/folders.ts";

/** Readable for the owner and the group, never executable. */
export const LIBRARY_MODE_BITS = 0o640;
const LIBRARY_FOLDER_MODE_BITS = 0o750;

/** Makes the folders step by step and refuses to walk through a link (H44). Throws what the disk throws. */
export function libraryFolder(root: string, path: readonly string[]): string {
  makeFolders(root, LIBRARY_FOLDER_MODE_BITS);
  let folder = root;
  for (const step of path) {
    folder = join(folder, step);
    if (!existsSync(folder)) mkdirSync(folder, { mode: LIBRARY_FOLDER_MODE_BITS });
    if (!lstatSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
  }
  return folder;
}

/** `name`, or `name (2)` and so on, whichever is free in the folder. */
export function freeName(folder: string, name: string, isFolder: boolean): string {
  const ending = isFolder ? "" : extname(name);
  const stem = name.slice(0, name.length - ending.length);
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${stem} (${count})${ending}`;
    if (!isTaken(join(folder, candidate))) return candidate;
  }
}

function isTaken(path: string): boolean {
  try {
    // lstat: a dangling link takes the name as well.
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** A new name is durable only when its folder is (H145). Windows cannot open folders and does not need it. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Marks where the file came from, as browsers do (freedesktop.org, "common extended attributes"). Node has no call for
 * attributes; without the tool or the file system's support the record in the node's database stands alone.
 */
export function markOrigin(path: string, origin: string): void {
  execFile("setfattr", ["-n", "user.xdg.origin.url", "-v", origin, "--", path], () => undefined);
}
