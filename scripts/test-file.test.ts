// The test runner, tried on files that pass, fail, hang, skip and crash.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Tally } from "./tally.ts";
import { runTestFile } from "./test-file.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "swarmgate-runner-"));
});
after(() => rmSync(folder, { recursive: true }));

/** Runs a file with this body and gives the last line that `npm test` would print. */
async function lastLine(body: string, options: { refuseSkips?: boolean; limitSeconds?: number } = {}): Promise<string> {
  const file = join(folder, `${Math.random()}.ts`);
  writeFileSync(file, `import { test, describe } from "node:test";\n${body}`);
  const tally = new Tally();
  tally.addFile(await runTestFile(file, options.limitSeconds ?? 20));
  if (options.refuseSkips === true) tally.refuseSkips();
  return tally.report().split("\n").at(-1) ?? "";
}

test("tests are counted, suites are not", async () => {
  assert.equal(
    await lastLine(`describe("s", () => { test("a", () => {}); test("b", () => {}); });`),
    "2 passed, 0 failed",
  );
});

test("a failed test is counted beside the passed ones", async () => {
  const body = `test("a", () => {}); test("b", () => { throw new Error("no"); });`;
  assert.equal(await lastLine(body), "1 passed, 1 failed");
});

test("a skipped test is told, and is a failure where nothing may be skipped", async () => {
  const body = `test("a", { skip: "no clamd" }, () => {});`;
  assert.equal(await lastLine(body), "0 passed, 0 failed, 1 skipped");
  assert.equal(await lastLine(body, { refuseSkips: true }), "0 passed, 1 failed");
});

test("a test that is put off counts as skipped", async () => {
  assert.equal(await lastLine(`test("a", { todo: "later" }, () => {});`), "0 passed, 0 failed, 1 skipped");
});

test("the files that took longest are told, ten at most, the longest first", () => {
  const tally = new Tally();
  const outcome = { results: [], trouble: undefined, printed: "" };
  for (let seconds = 1; seconds <= 12; seconds += 1) tally.addFile({ ...outcome, file: `${seconds}.test.ts`, seconds });
  const lines = tally.slowest().split("\n");
  assert.equal(lines.length, 10);
  assert.equal(lines[0], "  12.0 s  12.test.ts");
  assert.equal(lines[9], "   3.0 s  3.test.ts");
});

test("a file that hangs is stopped and is a failure", async () => {
  const body = `test("a", () => {}); setInterval(() => {}, 1000);`;
  assert.match(await lastLine(body, { limitSeconds: 1 }), /^\d passed, 1 failed$/);
});

test("a file that crashes after its tests, does not parse or holds no test is a failure", async () => {
  assert.equal(
    await lastLine(`test("a", () => {}); process.on("exit", () => { process.exitCode = 3; });`),
    "1 passed, 1 failed",
  );
  assert.match(await lastLine(`this is no program`), /, 1 failed$/);
  assert.equal(await lastLine(``), "0 passed, 1 failed");
});
