// The table of fuzz runs in bench/results/fuzz.md: one row a target, its latest run.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { FuzzOutcome } from "../tests/fuzz/fuzzer.ts";
import { repositoryRoot } from "./repository.ts";

const FILE = join(repositoryRoot, "bench/results/fuzz.md");
const COLUMNS = ["target", "executions", "seconds", "outcomes", "source reached, characters", "finding", "commit"];

export class FuzzRecord {
  /** Of the code that was loaded, not of what is committed when the run ends. */
  readonly #commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: repositoryRoot, encoding: "utf8" });

  /** Rows of other targets stay as they are: loops may run side by side. */
  note(target: string, run: FuzzOutcome & { readonly seconds: number }): void {
    const { executions, seconds, outcomes, characters, finding } = run;
    const found = finding === undefined ? "none" : (finding.trouble.split("\n")[0] ?? "");
    const row = rowOf([target, executions, seconds, outcomes, characters, found, this.#commit.trim()]);
    const others = readRows().filter((other) => !other.startsWith(`| ${target} |`));
    writeFileSync(FILE, [...head(), ...[...others, row].toSorted(), ""].join("\n"));
  }
}

function readRows(): string[] {
  if (!existsSync(FILE)) return [];
  const lines = readFileSync(FILE, "utf8").split("\n");
  return lines.filter((line) => line.startsWith("| ") && !line.startsWith(`| ${COLUMNS[0]} |`));
}

function head(): string[] {
  return [
    "# Fuzz loops: the latest run of each target",
    "",
    `Written by \`npm run fuzz -- --seconds 300 --write\`, led by V8's block coverage. ${cpus()[0]?.model ?? "unknown machine"}, node ${process.version}.`,
    "",
    rowOf(COLUMNS),
    `|${COLUMNS.map(() => "---").join("|")}|`,
  ];
}

function rowOf(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |`;
}
