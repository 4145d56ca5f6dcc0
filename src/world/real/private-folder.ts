// A folder that only its owner may enter, made with its parents.

import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

const OWNER_ONLY = 0o700;

/**
 * Throws what the kernel says. One folder at a time: Node's own recursive mkdir never returns where a file system
 * denies that its own folder is there, as /proc does.
 */
export function makePrivateFolder(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !isFolder(at); at = dirname(at)) missing.push(at);
  for (const folder of missing.toReversed()) mkdirSync(folder, OWNER_ONLY);
}

function isFolder(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isDirectory()) return stat !== undefined;
  throw new Error(`${path} is a file`);
}
