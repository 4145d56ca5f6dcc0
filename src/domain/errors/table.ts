// The one table of failures. docs/errors.md is tested against it both ways.

import type { Failure } from "../../base/failure.ts";
import { printable } from "../../base/printable.ts";
import { CLI_ERRORS } from "./cli.ts";
import { ENGINE_ERRORS } from "./engine.ts";
import type { ErrorEntry } from "./entry.ts";
import { GATE_ERRORS } from "./gate.ts";
import { METAINFO_ERRORS } from "./metainfo.ts";
import { NODE_ERRORS } from "./node.ts";
import { PORTAL_ERRORS } from "./portal.ts";

export const ERROR_TABLE = {
  ...CLI_ERRORS,
  ...METAINFO_ERRORS,
  ...ENGINE_ERRORS,
  ...NODE_ERRORS,
  ...PORTAL_ERRORS,
  ...GATE_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_TABLE, code);
}

/** The row of a code; a code outside the table is a bug of ours and gets the row that says so. */
export function entryOf(code: string): ErrorEntry {
  return isErrorCode(code) ? ERROR_TABLE[code] : ERROR_TABLE["cli.internal_error"];
}

/** The sentence that a person reads: what happened and why, its placeholders filled and made printable. */
export function sentenceOf(failure: Failure): string {
  const data = isErrorCode(failure.code) ? failure.data : { detail: failure.code };
  return filled(entryOf(failure.code).says, data);
}

/** What the person can do now, filled in the same way. */
export function nextOf(failure: Failure): string {
  return filled(entryOf(failure.code).next, failure.data);
}

function filled(sentence: string, data: Failure["data"]): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => printable(String(data[name] ?? "?")));
}
