// The record as reviewers read it: newest first, found by what it is about.

import type { Kysely } from "kysely";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { AUDIT_ACTIONS } from "../../domain/audit.ts";
import { eventOf } from "../../domain/audit-chain.ts";
import type { AuditPage, AuditQuery, AuditRecord } from "../../wire/api/v1/audit.ts";
import { likePattern, PAGE_ROWS_DEFAULT, pageOf, readCursor } from "../cursor.ts";
import { namesOf } from "../people/person-row.ts";
import type { AuditTable, Tables } from "../store/tables.ts";

const NAMED_MAX = 50;

export async function listAudit(tx: Kysely<Tables>, query: AuditQuery): Promise<Result<AuditPage, Failure>> {
  const cursor = readCursor(query.cursor);
  if (!cursor.ok) return cursor;
  const limit = query.limit ?? PAGE_ROWS_DEFAULT;
  const search = query.q?.trim() ?? "";
  const found = search === "" ? undefined : await searched(tx, search);
  let rows = tx
    .selectFrom("audit")
    .selectAll()
    .orderBy("n", "desc")
    .limit(limit + 1);
  let counted = tx.selectFrom("audit").select((all) => all.fn.countAll<number>().as("count"));
  if (cursor.value !== undefined) rows = rows.where("n", "<", cursor.value);
  if (found !== undefined) {
    const { ids, actions } = found;
    // Each of the three is an index; a search through the text of a million events would not be.
    rows = rows.where((where) =>
      where.or([where("actor", "in", ids), where("subject", "in", ids), where("action", "in", actions)]),
    );
    counted = counted.where((where) =>
      where.or([where("actor", "in", ids), where("subject", "in", ids), where("action", "in", actions)]),
    );
  }
  const { page, nextCursor } = pageOf(await rows.execute(), limit, (row) => row.n);
  const { count } = await counted.executeTakeFirstOrThrow();
  const names = await namesOf(
    tx,
    page.map((row) => row.actor),
  );
  return ok({ records: page.map((row) => recordOf(row, names)), nextCursor, total: count });
}

/** An id as it stands, people by name or login, actions by a part of their name. */
async function searched(tx: Kysely<Tables>, search: string) {
  const people = await tx
    .selectFrom("person")
    .select("id")
    .where((where) =>
      where.or([where("name", "like", likePattern(search)), where("login", "like", likePattern(search))]),
    )
    .limit(NAMED_MAX)
    .execute();
  const lower = search.toLowerCase();
  const actions = AUDIT_ACTIONS.filter((action) => action.includes(lower));
  return { ids: [search, search.toUpperCase(), ...people.map((row) => row.id)], actions };
}

export function recordOf(row: AuditTable, names: ReadonlyMap<string, string>): AuditRecord {
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
