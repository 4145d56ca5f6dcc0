// The scanner with small limits and no memory, as its tests use it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Verdict } from "../../domain/verdict.ts";
import { realClock } from "../../world/real/clock.ts";
import { SCAN_LIMITS } from "./limits.ts";
import { Scanner, type ScannerParts } from "./scanner.ts";

export const folder = mkdtempSync(join(tmpdir(), "scan-test-"));

export const parts: ScannerParts = {
  limits: { ...SCAN_LIMITS, ratioFloorBytes: 1024 * 1024, memoryBytesMax: 256 * 1024 },
  spoolFolder: folder,
  clock: realClock,
  second: undefined,
  verdicts: { find: () => undefined, keep: () => undefined },
};

const scanner = new Scanner(parts);
after(async () => {
  await scanner.close();
  rmSync(folder, { recursive: true });
});

export async function verdictOf(content: Uint8Array, name: string): Promise<Verdict> {
  const path = join(folder, "subject");
  writeFileSync(path, content);
  return (await scanner.scan({ path, name })).verdict;
}

export async function assertVerdict(
  content: Uint8Array,
  name: string,
  outcome: string,
  reason?: string,
): Promise<void> {
  const verdict = await verdictOf(content, name);
  assert.equal(verdict.outcome, outcome, JSON.stringify(verdict));
  if (reason !== undefined) assert.equal(verdict.reason, reason, JSON.stringify(verdict));
}
