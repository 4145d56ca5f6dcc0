// Builds the portal's pages with Vite when their sources, or what they are built with, have changed.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesMatching, repositoryRoot } from "./repository.ts";

const UI = join(repositoryRoot, "ui");
const STAMP = join(UI, "dist", ".built-from");

/** Undefined when the pages are up to date, else why they could not be built. */
export async function buildUiWhenStale(): Promise<string | undefined> {
  if (!existsSync(join(UI, "index.html"))) return undefined;
  const wanted = inputsHash();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return undefined;
  process.stderr.write("Building the pages…\n");
  const { build } = await import("vite");
  try {
    await build({ root: UI, logLevel: "warn" });
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
  writeFileSync(STAMP, wanted);
  return undefined;
}

// The pages take types from src, which leave no trace in the result; their own files and the lockfile decide.
function inputsHash(): string {
  const hash = createHash("sha256");
  const files = filesMatching("ui/**/*.*").filter((file) => !/\.test\.tsx?$/.test(file));
  for (const file of ["package-lock.json", ...files]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(repositoryRoot, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

if (import.meta.main) {
  const trouble = await buildUiWhenStale();
  if (trouble !== undefined) {
    process.stderr.write(`The pages could not be built: ${trouble}\n`);
    process.exitCode = 1;
  }
}
