import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Verdict } from "../../domain/verdict.ts";
import { realEntropy } from "../../world/real/entropy.ts";
import { freeName } from "./library.ts";
import { publish } from "./publish.ts";
import { Quarantine } from "./quarantine.ts";
import { cleared, quarantined, type Stored } from "./stored.ts";

const base = mkdtempSync(join(tmpdir(), "publish-test-"));
after(() => rmSync(base, { recursive: true }));
const quarantine = new Quarantine(join(base, "quarantine"), realEntropy);
const library = join(base, "library");

function hold(content: string): Stored<"quarantined"> {
  const opaque = quarantine.opaqueName();
  const path = quarantine.pathOf({ transferId: "G-1", opaque });
  writeFileSync(path, content, { mode: 0o600 });
  return quarantined({ entryId: "Q-1", path, bytes: content.length });
}

function verdict(outcome: Verdict["outcome"]): Verdict {
  return { outcome, engine: "test", signatureVersion: "1", reason: "scan.test", why: "Because.", within: [] };
}

function clear(file: Stored<"quarantined">, content: string): Stored<"clean"> {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const clean = cleared(file, { verdict: verdict("clean"), sha256 });
  assert.ok(clean);
  return clean;
}

test("a quarantined file cannot be published: it does not compile", () => {
  const held = hold("x");
  const attempt = () => {
    // @ts-expect-error Stored<"quarantined"> is not Stored<"clean">
    publish(held, { root: library, path: ["x"] });
  };
  assert.equal(typeof attempt, "function");
});

test("only a clean verdict on known bytes clears a file", () => {
  const held = hold("x");
  const sha256 = "0".repeat(64);
  for (const outcome of ["infected", "suspicious", "unscanned"] as const) {
    assert.equal(cleared(held, { verdict: verdict(outcome), sha256 }), undefined);
  }
  assert.equal(cleared(held, { verdict: verdict("clean"), sha256: undefined }), undefined);
});

test("a released file has its bytes, mode 0640, no executable bit, and is gone from quarantine", () => {
  const held = hold("hello");
  chmodSync(held.path, 0o777);
  const done = publish(clear(held, "hello"), { root: library, path: ["folder", "a.txt"] });
  assert.ok(done.ok);
  assert.equal(readFileSync(done.value, "utf8"), "hello");
  assert.equal(lstatSync(done.value).mode & 0o777, 0o640);
  assert.equal(existsSync(held.path), false);
});

test("H130: a file that changed after its scan stays in quarantine", () => {
  const held = hold("hello");
  const clean = clear(held, "hello");
  writeFileSync(held.path, "jello");
  const done = publish(clean, { root: library, path: ["changed.txt"] });
  assert.equal(done.ok ? "" : done.error.code, "node.file_changed");
  assert.equal(existsSync(join(library, "changed.txt")), false);
  assert.equal(existsSync(held.path), true);
});

test("a link in quarantine's place is not followed", () => {
  const held = hold("hello");
  const clean = clear(held, "hello");
  const elsewhere = join(base, "elsewhere");
  writeFileSync(elsewhere, "hello");
  rmSync(held.path);
  symlinkSync(elsewhere, held.path);
  assert.equal(publish(clean, { root: library, path: ["link.txt"] }).ok, false);
  assert.equal(existsSync(join(library, "link.txt")), false);
});

test("nothing that exists is overwritten, and a folder that is a link is refused", () => {
  const held = hold("hello");
  mkdirSync(library, { recursive: true });
  writeFileSync(join(library, "taken.txt"), "mine");
  assert.equal(publish(clear(held, "hello"), { root: library, path: ["taken.txt"] }).ok, false);
  assert.equal(readFileSync(join(library, "taken.txt"), "utf8"), "mine");
  symlinkSync(base, join(library, "door"));
  assert.equal(publish(clear(held, "hello"), { root: library, path: ["door", "x.txt"] }).ok, false);
  assert.equal(existsSync(join(base, "x.txt")), false);
  assert.equal(freeName(library, "taken.txt", false), "taken (2).txt");
});

test("H133: quarantine is for its owner alone, under names that say nothing", () => {
  assert.equal(lstatSync(quarantine.folder).mode & 0o777, 0o700);
  assert.equal(lstatSync(quarantine.transferFolder("G-1")).mode & 0o777, 0o700);
  assert.match(quarantine.opaqueName(), /^[0-9a-f]{32}\.held$/);
});
