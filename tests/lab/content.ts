// Files for transfers: made from a seed, so that every run moves the same bytes, and compared by their hashes.

import { createCipheriv, createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Bytes that do not compress and do not repeat: the key stream of AES in counter mode. */
export function seededBytes(seed: string, count: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(count));
}

/** Writes files of the given sizes below `folder`; names may hold slashes. */
export function writeFiles(folder: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, bytes] of Object.entries(sizes)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), seededBytes(name, bytes));
  }
}

/** SHA-256 by relative path of every file below the folder. */
export function hashesOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted();
  return Object.fromEntries(
    paths.map((path) => [relative(folder, path), createHash("sha256").update(readFileSync(path)).digest("hex")]),
  );
}
