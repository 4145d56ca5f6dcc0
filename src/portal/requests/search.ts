// The search box over requests and grants: a part of a name, reason, person or hash, or a number as people say it.

import { type RawBuilder, sql } from "kysely";
import { requestNumberOf } from "../../domain/request.ts";
import { likePattern } from "../cursor.ts";

/** The index is of three characters in a row; anything shorter is looked for in the text. */
const INDEXED_CHARACTERS_MIN = 3;

/** Numbers of the requests that match, as a subquery; undefined when nothing is looked for. */
export function matchingNumbers(search: string | undefined): RawBuilder<number> | undefined {
  const text = search?.trim() ?? "";
  if (text === "") return undefined;
  const number = requestNumberOf(text.toUpperCase());
  if (number !== undefined) return sql<number>`(select ${number})`;
  if (text.length < INDEXED_CHARACTERS_MIN) {
    return sql<number>`(select rowid from request_search where lower(text) like ${likePattern(text)} escape '\\')`;
  }
  // In quotes the whole is one phrase: no operator of the search language has a meaning in it.
  const phrase = `"${text.replaceAll('"', '""')}"`;
  return sql<number>`(select rowid from request_search where request_search match ${phrase})`;
}
