// Folders made with their parents.

import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

const OWNER_ONLY = 0o700;

/** A folder that only its owner may enter. Throws what the kernel says. */
export function makePrivateFolder(path: string): void {
  makeFolders(path, OWNER_ONLY);
}

/**
 * Throws what the kernel says. One folder at a time: Node's own recursive mkdir never returns where a file system
 * denies that its own folder is there, as /proc does.
 */
export function makeFolders(path: string, modeBits: number): void {
  const missing: string[] = [];
  for (let at = resolve(path); !isFolder(at); at = dirname(at)) missing.push(at);
  for (const folder of missing.toReversed()) makeFolder(folder, modeBits);
}

function isFolder(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isDirectory()) return stat !== undefined;
  throw Object.assign(new Error(`${path} is a file`), { code: "EEXIST" });
}

function makeFolder(path: string, modeBits: number): void {
  try {
    mkdirSync(path, modeBits);
  } catch (thrown) {
    // Another thread may have made it meanwhile.
    if (isFolder(path)) return;
    // The folder above is there: this is no place for folders.
    const isBarred = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
    throw isBarred ? Object.assign(new Error(`no folder can be made at ${path}`), { code: "EACCES" }) : thrown;
  }
}
