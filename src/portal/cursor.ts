// Where a page of a list ends: the number of its last row, in a form that nobody is tempted to compute with.

import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";

export const PAGE_ROWS_DEFAULT = 50;

function cursorAfter(number: number): string {
  return Buffer.from(`n${number}`).toString("base64url");
}

/** Undefined: from the beginning. */
export function readCursor(cursor: string | undefined): Result<number | undefined, Failure> {
  if (cursor === undefined || cursor === "") return ok(undefined);
  const number = /^n(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  return number === undefined ? err(failure("portal.body_wrong", { detail: "cursor is unknown" })) : ok(Number(number));
}

/** Splits one row more than a page into the page and the cursor of the next. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  numberOf: (row: Row) => number,
): { readonly page: readonly Row[]; readonly nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, nextCursor: rows.length > limit && last !== undefined ? cursorAfter(numberOf(last)) : null };
}

/** A pattern for LIKE in which the text stands for itself. The backslash is declared with ESCAPE by the caller. */
export function likePattern(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[%_\\]/g, "\\$&")}%`;
}
