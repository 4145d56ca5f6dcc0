// The built command stands in for the sources: it runs without them, threads included, and gives way to newer ones.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildCommand } from "../../scripts/build-command.ts";
import { repositoryRoot } from "../../scripts/repository.ts";
import { seededBytes } from "../lab/content.ts";

let scratch = "";
before(() => {
  scratch = mkdtempSync(join(tmpdir(), "swarmgate-built-"));
});
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A copy of the project without what it runs. */
function projectWith(
  name: string,
  variables: Readonly<Record<string, string>> = {},
): (...args: readonly string[]) => string {
  const root = join(scratch, name);
  for (const part of ["bin", "package.json", "package-lock.json"]) {
    cpSync(join(repositoryRoot, part), join(root, part), { recursive: true });
  }
  symlinkSync(join(repositoryRoot, "node_modules"), join(root, "node_modules"));
  const env = { ...process.env, HOME: scratch, XDG_CACHE_HOME: join(scratch, "cache"), ...variables };
  return (...args) => execFileSync(join(root, "bin", "swarmgate"), args, { encoding: "utf8", env, stdio: "pipe" });
}

test("without its sources it makes a torrent, checks it and fetches it: its threads are built too", async () => {
  const swarmgate = projectWith("built");
  assert.equal(await buildCommand(join(scratch, "built", "dist")), undefined);
  const [torrent, content] = [join(scratch, "a.torrent"), join(scratch, "content.bin")];
  writeFileSync(content, seededBytes("built", 100_000));
  swarmgate("torrent", "create", content, "-o", torrent, "--format", "hybrid");
  assert.match(swarmgate("torrent", "verify", torrent, scratch), /All \d+ pieces of content\.bin are good/);
  assert.match(swarmgate("engine", "get", torrent, "--out", scratch, "--json"), /"event":"done","bytes":100000/);
});

test("a source that is newer than what was built runs instead of it", () => {
  const root = join(scratch, "edited");
  const swarmgate = projectWith("edited");
  for (const [file, words] of [
    ["dist/main.cjs", "built"],
    ["src/cli/main.ts", "source"],
  ] as const) {
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), `console.log("${words}");\n`);
  }
  const date = (path: string, seconds: number): void => utimesSync(join(root, path), seconds, seconds);
  for (const path of ["src/cli/main.ts", "src/cli", "src", "package-lock.json"]) date(path, 1_000);
  date("dist/main.cjs", 2_000);
  assert.equal(swarmgate(), "built\n");
  date("src/cli/main.ts", 3_000);
  assert.equal(swarmgate(), "source\n", "an edited file");
  date("src/cli/main.ts", 1_000);
  date("src/cli", 3_000);
  assert.equal(swarmgate(), "source\n", "a file that was taken away");
});

test("where the only Node is too old or missing, it says which one it needs", () => {
  const programs = join(scratch, "programs");
  mkdirSync(programs);
  const swarmgate = projectWith("bare", { PATH: `${programs}:${process.env["PATH"] ?? ""}` });
  rmSync(join(scratch, "bare", "node_modules"));
  for (const [body, found] of [
    ["echo v20.20.2", /needs Node 24 or newer, and found v20\.20\.2.*npm ci/],
    ["exit 127", /needs Node 24 or newer, and found none/],
  ] as const) {
    writeFileSync(join(programs, "node"), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    assert.throws(() => swarmgate("--version"), found);
  }
});
