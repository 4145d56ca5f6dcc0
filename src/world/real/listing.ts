// The machine's folders.

import { lstat, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Listed, Listing } from "../listing.ts";

export const realListing: Listing = {
  async look(path) {
    const stat = await lstat(path).catch(() => undefined);
    if (!stat) return undefined;
    const other = stat.isSymbolicLink() ? "link" : "special";
    const kind = stat.isFile() ? "file" : stat.isDirectory() ? "folder" : other;
    return { name: basename(path), kind, bytes: stat.size, modifiedMs: stat.mtimeMs };
  },

  async list(folder) {
    const names = await readdir(folder).catch(() => []);
    const found: Listed[] = [];
    for (const name of names) {
      const one = await realListing.look(join(folder, name));
      if (one) found.push(one);
    }
    return found;
  },
};
