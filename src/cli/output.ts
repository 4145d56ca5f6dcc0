// What a command prints: results on stdout, everything else on stderr, failures with what to do next.

import type { Failure } from "../base/failure.ts";
import { entryOf, isErrorCode, nextOf, sentenceOf } from "../domain/errors/table.ts";

export type OutputOptions = { readonly json?: boolean | undefined; readonly quiet?: boolean | undefined };

/** The result: one JSON value on one line with `--json`, else the text. */
export function printResult(value: unknown, text: string, options: OutputOptions): void {
  process.stdout.write(options.json ? `${JSON.stringify(value)}\n` : `${text}\n`);
}

/** Progress and advice: on stderr, so that pipes stay clean; nothing with `--quiet`. */
export function printNote(text: string, options: OutputOptions): void {
  if (!options.quiet) process.stderr.write(`${text}\n`);
}

/** Prints the sentence and the next step; returns the exit code of the failure's row. */
export function printFailure(failed: Failure, options: OutputOptions): number {
  const row = entryOf(failed.code);
  const message = sentenceOf(failed);
  const next = nextOf(failed);
  const code = isErrorCode(failed.code) ? failed.code : "cli.internal_error";
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ error: { code, message, next, data: failed.data } })}\n`);
  } else {
    process.stderr.write(`${message}\n${next}\n(${code})\n`);
  }
  return row.exit;
}
