// The record as reviewers read it: newest first, found by what it is about.

import { type Kysely, sql } from "kysely";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { AUDIT_ACTIONS } from "../../domain/audit.ts";
import { eventOf } from "../../domain/audit-chain.ts";
import type { AuditPage, AuditQuery, AuditRecord } from "../../wire/api/v1/audit.ts";
import { likePattern, PAGE_ROWS_DEFAULT, pageOf, readCursor } from "../cursor.ts";
import { namesOf } from "../people/person-row.ts";
import type { AuditTable, Tables } from "../store/tables.ts";
import { readPosition } from "./append.ts";

const NAMED_MAX = 50;
/** A search finds at most so many records, the newest; `total` is then this number. */
const COUNTED_MAX = 10_000;

export async function listAudit(tx: Kysely<Tables>, query: AuditQuery): Promise<Result<AuditPage, Failure>> {
  const cursor = readCursor(query.cursor);
  if (!cursor.ok) return cursor;
  const limit = query.limit ?? PAGE_ROWS_DEFAULT;
  const search = query.q?.trim() ?? "";
  const found =
    search === "" ? await newest(tx, cursor.value, limit + 1) : await searched(tx, search, cursor.value, limit + 1);
  const rows =
    found.numbers.length === 0
      ? []
      : await tx.selectFrom("audit").selectAll().where("n", "in", found.numbers).orderBy("n", "desc").execute();
  const { page, nextCursor } = pageOf(rows, limit, (row) => row.n);
  const names = await namesOf(
    tx,
    page.map((row) => row.actor),
  );
  return ok({ records: page.map((row) => recordOf(row, names)), nextCursor, total: found.total });
}

/** Numbers of records, newest first. */
type Found = { readonly numbers: readonly number[]; readonly total: number };

async function newest(tx: Kysely<Tables>, before: number | undefined, limit: number): Promise<Found> {
  const { n: total } = await readPosition(tx);
  const first = Math.min(before ?? total + 1, total + 1) - 1;
  // Without a gap, by construction: nothing needs to be counted.
  return { numbers: Array.from({ length: Math.min(limit, first) }, (_, index) => first - index), total };
}

/** Looks each value up in its own index: one condition over three columns would read a million records. */
async function searched(tx: Kysely<Tables>, search: string, before: number | undefined, limit: number): Promise<Found> {
  const all = new Set<number>();
  for (const term of await termsOf(tx, search)) {
    const rows = await tx
      .selectFrom("audit")
      .select("n")
      .where(term.column, "=", term.value)
      .orderBy("n", "desc")
      .limit(COUNTED_MAX)
      .execute();
    for (const { n } of rows) all.add(n);
  }
  const numbers = [...all].sort((a, b) => b - a).filter((n) => before === undefined || n < before);
  return { numbers: numbers.slice(0, limit), total: Math.min(all.size, COUNTED_MAX) };
}

type Term = { readonly column: "actor" | "subject" | "action"; readonly value: string };

/** An id as it stands, people by name or login, actions by a part of their name. */
async function termsOf(tx: Kysely<Tables>, search: string): Promise<Term[]> {
  const pattern = likePattern(search);
  const people = await tx
    .selectFrom("person")
    .select("id")
    .where(sql<boolean>`(lower(name) like ${pattern} escape '\\' or login like ${pattern} escape '\\')`)
    .limit(NAMED_MAX)
    .execute();
  const ids = new Set([search, search.toUpperCase(), ...people.map((row) => row.id)]);
  const lower = search.toLowerCase();
  return [
    ...[...ids].flatMap((value): Term[] => [
      { column: "actor", value },
      { column: "subject", value },
    ]),
    ...AUDIT_ACTIONS.filter((action) => action.includes(lower)).map((value): Term => ({ column: "action", value })),
  ];
}

function recordOf(row: AuditTable, names: ReadonlyMap<string, string>): AuditRecord {
  const event = eventOf(row.body);
  return {
    n: row.n,
    atMs: row.at_ms,
    actor: row.actor,
    actorName: names.get(row.actor) ?? row.actor,
    action: row.action,
    subject: row.subject,
    data: { ...event?.data },
    hash: row.hash,
  };
}
