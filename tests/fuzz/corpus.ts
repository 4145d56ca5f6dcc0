// The committed inputs: each was the first with its outcome, or once found something.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";

function corpusFolder(target: string): string {
  return join(repositoryRoot, "tests", "fuzz", "corpus", target);
}

export function readCorpus(target: string): readonly Uint8Array[] {
  const folder = corpusFolder(target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((name) => new Uint8Array(readFileSync(join(folder, name))));
}

/** Names a file by its content, so that the same input is kept once. */
export function saveInput(target: string, input: Uint8Array, prefix = ""): string {
  const folder = corpusFolder(target);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${prefix}${createHash("sha256").update(input).digest("hex").slice(0, 16)}`);
  writeFileSync(file, input);
  return file;
}
