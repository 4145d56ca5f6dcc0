// Transfers as pages and programs see them: the last report, with whose it is and the path.

import type { Kysely } from "kysely";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { requestIdOf } from "../../domain/request.ts";
import type { Transfer, TransferPage, TransferQuery, TransferReport } from "../../wire/api/v1/transfer.ts";
import { type Caller, maySee, requireAbility } from "../caller.ts";
import { PAGE_ROWS_DEFAULT, pageOf, readCursor } from "../cursor.ts";
import { pathOfRow } from "../path-row.ts";
import type { Tables } from "../store/tables.ts";

function joined(tx: Kysely<Tables>) {
  return tx
    .selectFrom("transfer")
    .innerJoin("grant", "grant.id", "transfer.grant_id")
    .innerJoin("request", "request.number", "grant.number")
    .innerJoin("person", "person.id", "transfer.person_id")
    .innerJoin("device", "device.id", "transfer.device_id")
    .leftJoin("person as decider", "decider.id", "request.decided_by")
    .selectAll("transfer")
    .select([
      "grant.name",
      "grant.number",
      "grant.direction",
      "grant.state as grant_state",
      "grant.ended_at_ms",
      "grant.expires_at_ms",
      "grant.ended_why",
      "request.asked_at_ms",
      "request.decided_at_ms",
      "request.decided_why",
      "request.reason",
      "person.name as person_name",
      "decider.name as decider_name",
      "device.name as device_name",
      "transfer.state as transfer_state",
      "transfer.why as transfer_why",
      "transfer.updated_at_ms as transfer_updated_at_ms",
    ]);
}

type JoinedRow = Awaited<ReturnType<ReturnType<typeof joined>["execute"]>>[number];

export async function listTransfers(
  tx: Kysely<Tables>,
  caller: Caller,
  query: TransferQuery,
): Promise<Result<TransferPage, Failure>> {
  const cursor = readCursor(query.cursor);
  if (!cursor.ok) return cursor;
  let filtered = tx.selectFrom("transfer").select("seq");
  if (query.scope === "mine") filtered = filtered.where("person_id", "=", caller.person.personId);
  else {
    const allowed = requireAbility(caller, "see-all-transfers");
    if (!allowed.ok) return allowed;
  }
  if (query.state !== undefined) filtered = filtered.where("state", "=", query.state);
  const limit = query.limit ?? PAGE_ROWS_DEFAULT;
  const after = cursor.value === undefined ? filtered : filtered.where("seq", "<", cursor.value);
  const rows = await joined(tx)
    .where("transfer.seq", "in", after.orderBy("seq", "desc").limit(limit + 1))
    .orderBy("transfer.seq", "desc")
    .execute();
  const { count } = await tx
    .selectFrom(filtered.as("found"))
    .select((found) => found.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const { page, nextCursor } = pageOf(rows, limit, (row) => row.seq);
  return ok({ transfers: page.map(transferOf), nextCursor, total: count });
}

export async function showTransfer(tx: Kysely<Tables>, caller: Caller, id: string): Promise<Result<Transfer, Failure>> {
  const transfer = await transferById(tx, id);
  if (transfer === undefined || !maySee(caller, transfer.person.id, "see-all-transfers")) {
    return err(failure("portal.thing_unknown", { what: "transfer", id }));
  }
  return ok(transfer);
}

export async function transferById(tx: Kysely<Tables>, id: string): Promise<Transfer | undefined> {
  const row = await joined(tx).where("transfer.id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : transferOf(row);
}

function transferOf(row: JoinedRow): Transfer {
  const { grantId, ...progress }: TransferReport = JSON.parse(row.report);
  const path = pathOfRow(row, {
    state: "approved",
    decidedBy: row.decider_name ?? undefined,
    grant: { state: row.grant_state, atMs: row.ended_at_ms ?? row.expires_at_ms, why: row.ended_why },
  });
  return {
    id: row.id,
    grantId,
    requestId: requestIdOf(row.number),
    name: row.name,
    direction: row.direction,
    person: { id: row.person_id, name: row.person_name },
    device: { id: row.device_id, name: row.device_name },
    startedAtMs: row.started_at_ms,
    updatedAtMs: row.updated_at_ms,
    path: [...path],
    ...progress,
  };
}
