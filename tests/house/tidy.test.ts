// The tidy test: the house's rules over every file of the project, and each rule over a file that breaks it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { filesMatching, repositoryRoot } from "../../scripts/repository.ts";
import { parseSource, readSources } from "./source-file.ts";
import {
  ambientWorld,
  bannedNames,
  finishedWork,
  honestTypes,
  openingSentence,
  type Rule,
  shortFunctions,
} from "./tidiness.ts";

const SOURCES = readSources("{src,scripts,tests,bench,sim,ui}/**/*.{ts,tsx}");
const LINES_MAX = 300;
// The exceptions, each with the number of lines it has now: it may only fall.
const CEILINGS = JSON.parse(readFileSync(join(repositoryRoot, "tests/house/ceilings.json"), "utf8")) as Readonly<
  Record<string, number>
>;

function lineCount(text: string): number {
  return text.split("\n").length - 1;
}

function assertKept(rule: Rule): void {
  assert.deepEqual(SOURCES.flatMap(rule), []);
}

function assertFinds(rule: Rule, path: string, text: string, count = 1): void {
  assert.equal(rule(parseSource(path, text)).length, count, `${path}: ${text}`);
}

test("no file or folder is called utils, helpers, common or manager", () => {
  assertKept(bannedNames);
  assertFinds(bannedNames, "src/engine/utils.ts", "");
  assertFinds(bannedNames, "src/common/peer.ts", "");
  assertFinds(bannedNames, "src/engine/peer-manager.ts", "");
});

test("every file opens with a comment that says why it exists", () => {
  assertKept(openingSentence);
  assertFinds(openingSentence, "src/a.ts", "export const a = 1;\n// A comment that comes too late.\n");
  assertFinds(openingSentence, "src/a.ts", "// Why this exists.\nexport const a = 1;\n", 0);
});

test("time, chance and the environment come from outside, but for the real world and the entry points", () => {
  assertKept(ambientWorld);
  const text =
    "Date.now(); Math.random(); new Date(); performance.now(); process.env.A; setTimeout(f, 1); setInterval(f, 1);";
  assertFinds(ambientWorld, "src/engine/a.ts", text, 7);
  assertFinds(ambientWorld, "src/engine/a.ts", "new Date(5); clock.setTimeout; // Date.now()", 0);
  assertFinds(ambientWorld, "src/world/real/a.ts", text, 0);
});

test("no any, no !, no silenced check", () => {
  assertKept(honestTypes);
  assertFinds(honestTypes, "src/a.ts", "const a = b as any; const c = d!; // oxlint-disable-line\n// @ts-ignore\n", 4);
});

test("nothing is left for later, and no test is skipped for good", () => {
  assertKept(finishedWork);
  assertFinds(
    finishedWork,
    "src/a.ts",
    "// TODO later\ntest.skip('a'); it.only('b'); test('c', { skip: true }, f);",
    4,
  );
  assertFinds(finishedWork, "src/a.ts", "test('c', { skip: missing('clamd') }, f);", 0);
});

test("a function has at most 60 lines, a component 90", () => {
  assertKept(shortFunctions);
  const body = "\nf();".repeat(59);
  assertFinds(shortFunctions, "src/a.ts", `function a() {${body}\n}`);
  assertFinds(shortFunctions, "src/a.ts", `const a = () => {${body.slice(5)}\n};`, 0);
});

test("a file has at most 300 lines, or its own ceiling, which only falls", () => {
  for (const { path, text } of SOURCES) {
    const lines = lineCount(text);
    const ceiling = CEILINGS[path];
    if (ceiling === undefined) {
      assert.ok(lines <= LINES_MAX, `${path} has ${lines} lines: split it by noun`);
    } else {
      assert.ok(lines <= ceiling, `${path} has ${lines} lines, its ceiling is ${ceiling}`);
      assert.ok(
        ceiling > LINES_MAX && lines > ceiling - 20,
        `${path} has ${lines} lines: lower its ceiling ${ceiling}`,
      );
    }
  }
  const paths = new Set(SOURCES.map((file) => file.path));
  assert.deepEqual(
    Object.keys(CEILINGS).filter((path) => !paths.has(path)),
    [],
  );
});

test("no committed text names a machine's own paths or a registry's host", () => {
  const written = filesMatching(
    "*.{json,md}",
    ".npmrc",
    ".ci/*",
    "docs/**/*.md",
    "{src,scripts,tests,bench,ui,bin}/**/*",
  );
  // Where this very checkout and the home of whoever runs it lie, and any address that a lock file was resolved from.
  const own = [`${repositoryRoot}/`, `${homedir()}/.`].map((path) => path.replaceAll(/[^\w/-]/g, "\\$&"));
  const machine = new RegExp([...own, '"resolved": "'].join("|"));
  for (const path of written.filter((name) => /\.(ts|tsx|json|md|sh|py|css|html)$|\.npmrc|bin\/|\.ci\//.test(name))) {
    if (path === "tests/house/tidy.test.ts") continue;
    const found = machine.exec(readFileSync(join(repositoryRoot, path), "utf8"));
    assert.equal(found, null, `${path} holds ${found?.[0]}`);
  }
});
