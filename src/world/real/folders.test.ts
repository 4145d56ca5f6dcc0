import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { makePrivateFolder } from "./folders.ts";

const root = mkdtempSync(join(tmpdir(), "swarmgate-folder-"));
after(() => rmSync(root, { recursive: true }));

test("a folder and its missing parents are made for their owner alone; a second call changes nothing", () => {
  const folder = join(root, "a", "b");
  makePrivateFolder(folder);
  makePrivateFolder(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(root, "a")).mode & 0o777, 0o700);
});

test("a file in the way is named", () => {
  writeFileSync(join(root, "file"), "");
  assert.throws(() => makePrivateFolder(join(root, "file", "below")), /ENOTDIR|is a file/);
});

test("a place where no folder can be made answers at once", {
  skip: process.platform !== "linux" && "needs /proc",
}, () => {
  assert.throws(() => makePrivateFolder("/proc/swarmgate/data"), /no folder can be made|EACCES|EPERM/);
});
