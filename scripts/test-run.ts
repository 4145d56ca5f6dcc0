// Runs many test files, a few at a time, and says of each what came out as soon as it is known.

import type { Tally } from "./tally.ts";
import { type FileOutcome, runTestFile } from "./test-file.ts";

export type RunOptions = { readonly concurrency: number; readonly limitSeconds: (file: string) => number };

export async function runTestFiles(files: readonly string[], tally: Tally, options: RunOptions): Promise<void> {
  const waiting = [...files];
  const lane = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const outcome = await runTestFile(file, options.limitSeconds(file));
      tally.addFile(outcome);
      process.stdout.write(`${summaryOf(outcome)}\n`);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, lane));
}

function summaryOf(outcome: FileOutcome): string {
  const count = (wanted: string): number => outcome.results.filter((result) => result.outcome === wanted).length;
  const failed = count("failed") + (outcome.trouble === undefined ? 0 : 1);
  const parts = [`${count("passed")} passed`];
  if (failed > 0) parts.push(`${failed} FAILED`);
  if (count("skipped") > 0) parts.push(`${count("skipped")} skipped`);
  return `${failed > 0 ? "not ok" : "ok    "} ${outcome.file}  ${parts.join(", ")}  ${outcome.seconds.toFixed(1)} s`;
}
