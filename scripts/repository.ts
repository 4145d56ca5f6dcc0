// Where this repository lies, and which files it has.

import { globSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** A program of the project's own node_modules. */
export function ownProgram(name: string): string {
  return join(repositoryRoot, "node_modules", ".bin", name);
}

/** Paths relative to the root, sorted; nothing of node_modules or of a build. */
export function filesMatching(...patterns: string[]): string[] {
  const found = globSync(patterns, {
    cwd: repositoryRoot,
    exclude: (path) => /(^|\/)(node_modules|dist|\.artifacts)$/.test(path),
  });
  return found.toSorted();
}
