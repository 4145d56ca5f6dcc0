import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeCheckpoint } from "./checkpoint.ts";

test("H146: what a full disk left of a checkpoint is taken away before the next one", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "checkpoints");
  writeCheckpoint(path, "first");
  assert.equal(readFileSync(path, "utf8"), "first\n");
  for (const torn of ["", "sec", "x".repeat(2000)]) {
    writeFileSync(path, `first\n${torn}`);
    writeCheckpoint(path, "second");
    assert.equal(readFileSync(path, "utf8"), "first\nsecond\n");
  }
  writeFileSync(path, "fir");
  writeCheckpoint(path, "first");
  assert.equal(readFileSync(path, "utf8"), "first\n");
});
