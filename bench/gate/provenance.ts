// Where a result comes from: nothing is believed without its machine and commit.

import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, totalmem } from "node:os";
import { repositoryRoot } from "../../scripts/repository.ts";

export function provenance(): { readonly date: string; readonly commit: string; readonly machine: string } {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: repositoryRoot, encoding: "utf8" }).trim(),
    machine: `${availableParallelism()} × ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  };
}
