import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Verdict } from "../../domain/verdict.ts";
import { eicarBytes } from "./eicar.ts";
import { forgeZip } from "./forge.ts";
import { SCAN_LIMITS } from "./limits.ts";
import { assertVerdict, folder, parts } from "./scan-under-test.ts";
import { Scanner, type VerdictCache } from "./scanner.ts";

const eicar = eicarBytes();
const innocent = Buffer.from("Nothing to see here, only words.\n".repeat(20));

function zipped(name: string, content: Uint8Array): Buffer {
  return forgeZip([{ name, content }]);
}

test("a finding that lies across two windows, deep in a large file, is found once", async () => {
  const content = Buffer.alloc(40 * 1024 * 1024, 0x61);
  content.set(eicar, SCAN_LIMITS.windowBytes - 30);
  await assertVerdict(content, "big.bin", "infected", "eicar_test_file");
});

test("a large member is unpacked through a spool file and nothing of it remains", async () => {
  const noise = Buffer.from(Array.from({ length: 600_000 }, (_, index) => (index * 7919) % 251));
  await assertVerdict(zipped("big.bin", Buffer.concat([noise, eicar])), "a.zip", "infected");
});

test("H138: when the disk is full while spooling, the file is unscanned", async () => {
  const full = new Scanner({ ...parts, spoolFolder: join(folder, "gone") });
  try {
    const path = join(folder, "subject");
    writeFileSync(path, zipped("big.bin", Buffer.alloc(600_000, "ab")));
    const { verdict } = await full.scan({ path, name: "a.zip" });
    assert.equal(verdict.outcome, "unscanned");
    assert.equal(verdict.reason, "scan.file_unreadable");
  } finally {
    await full.close();
  }
});

test("H128: a rule that hangs is killed, the file is unscanned, and the next file is scanned", {
  timeout: 60_000,
}, async () => {
  // yara-x's own timeout does not end this.
  const rulesText =
    "rule hang { condition: for all i in (0..1000000) : (for all j in (0..1000000) : (uint8(i % 7) + j != -5)) }";
  const slow = new Scanner({ ...parts, limits: { ...parts.limits, silenceMsMax: 1500 }, rulesText });
  try {
    const path = join(folder, "hang");
    writeFileSync(path, Buffer.alloc(2_000_000, "ab"));
    const { verdict } = await slow.scan({ path, name: "a" });
    assert.equal(verdict.reason, "scan.worker_killed");
    assert.equal(verdict.outcome, "unscanned");
  } finally {
    await slow.close();
  }
});

test("H131: verdicts are remembered under the rules that gave them, and unscanned ones are not", async () => {
  const kept = new Map<string, Verdict>();
  const verdicts: VerdictCache = {
    find: (key) => kept.get(JSON.stringify(key)),
    keep: (key, verdict) => kept.set(JSON.stringify(key), verdict),
  };
  const first = new Scanner({ ...parts, verdicts });
  const second = new Scanner({
    ...parts,
    verdicts,
    rulesText: 'rule words { meta: outcome = "suspicious" strings: $a = "only words" condition: $a }',
  });
  try {
    const path = join(folder, "subject");
    writeFileSync(path, innocent);
    assert.equal((await first.scan({ path, name: "a.txt" })).verdict.outcome, "clean");
    assert.equal(kept.size, 1);
    assert.equal((await second.scan({ path, name: "a.txt" })).verdict.outcome, "suspicious");
    writeFileSync(path, Buffer.from("377abcaf271c0004", "hex"));
    await first.scan({ path, name: "a.7z" });
    assert.equal(kept.size, 2);
  } finally {
    await first.close();
    await second.close();
  }
});
