// Runs a test file and says what came out as soon as it is known: in one line on the screen, in full to the tally.

import type { Tally } from "./tally.ts";
import { type FileOutcome, runTestFile } from "./test-file.ts";

export async function checkFile(file: string, tally: Tally, limitSeconds: number): Promise<void> {
  const outcome = await runTestFile(file, limitSeconds);
  tally.addFile(outcome);
  process.stdout.write(`${summaryOf(outcome)}\n`);
}

function summaryOf(outcome: FileOutcome): string {
  const count = (wanted: string): number => outcome.results.filter((result) => result.outcome === wanted).length;
  const failed = count("failed") + (outcome.trouble === undefined ? 0 : 1);
  const parts = [`${count("passed")} passed`];
  if (failed > 0) parts.push(`${failed} FAILED`);
  if (count("skipped") > 0) parts.push(`${count("skipped")} skipped`);
  return `${failed > 0 ? "not ok" : "ok    "} ${outcome.file}  ${parts.join(", ")}  ${outcome.seconds.toFixed(1)} s`;
}
