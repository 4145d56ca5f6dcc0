// What lies in quarantine on each device, as the device reported it last.

import type { Kysely } from "kysely";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { requestIdOf } from "../../domain/request.ts";
import type { GrantQuery } from "../../wire/api/v1/grant.ts";
import type { ReportReply } from "../../wire/api/v1/transfer.ts";
import type { QuarantinePage, QuarantineReport } from "../../wire/api/v1/verdict.ts";
import { type Caller, type DeviceCaller, requireAbility } from "../caller.ts";
import { commit } from "../commit.ts";
import type { Core } from "../core.ts";
import { PAGE_ROWS_DEFAULT, pageOf, readCursor } from "../cursor.ts";
import type { Tables } from "../store/tables.ts";
import { ownGrants } from "./own-grants.ts";

type StoredEntry = QuarantineReport["entries"][number];

export function reportQuarantine(
  core: Core,
  caller: DeviceCaller,
  { entries }: QuarantineReport,
): Promise<Result<ReportReply, Failure>> {
  const { deviceId, person } = caller;
  return commit(core, deviceId, async (act) => {
    const grants = await ownGrants(
      act.tx,
      caller,
      entries.map((entry) => entry.grantId),
    );
    const known = new Map(entries.filter((entry) => grants.has(entry.grantId)).map((entry) => [entry.entryId, entry]));
    const before = await act.tx
      .selectFrom("quarantine")
      .select(["entry_id", "entry"])
      .where("device_id", "=", deviceId)
      .execute();
    const old = new Map(before.map((row) => [row.entry_id, row.entry]));
    const fresh = [...known.values()].filter((entry) => old.get(entry.entryId) !== JSON.stringify(entry));
    const gone = [...old.keys()].filter((id) => !known.has(id));
    if (fresh.length === 0 && gone.length === 0)
      return ok({ accepted: known.size, refused: entries.length - known.size });
    for (const id of [...gone, ...fresh.map((entry) => entry.entryId)]) {
      await act.tx.deleteFrom("quarantine").where("device_id", "=", deviceId).where("entry_id", "=", id).execute();
    }
    for (const entry of fresh) {
      await act.tx
        .insertInto("quarantine")
        .values({
          device_id: deviceId,
          entry_id: entry.entryId,
          grant_id: entry.grantId,
          person_id: person.personId,
          entry: JSON.stringify(entry),
          sha256: entry.sha256,
          pieces_root: entry.piecesRoot,
          held_since_ms: entry.heldSinceMs,
          updated_at_ms: act.nowMs,
        })
        .execute();
    }
    act.record("quarantine.reported", deviceId, { entries: known.size, changed: fresh.length, gone: gone.length });
    act.push({ people: [person.personId], ability: "see-all-transfers" }, { type: "quarantine", deviceId });
    return ok({ accepted: known.size, refused: entries.length - known.size });
  });
}

export async function listQuarantine(
  tx: Kysely<Tables>,
  caller: Caller,
  query: Pick<GrantQuery, "scope" | "cursor" | "limit">,
): Promise<Result<QuarantinePage, Failure>> {
  const cursor = readCursor(query.cursor);
  if (!cursor.ok) return cursor;
  let filtered = tx.selectFrom("quarantine");
  if (query.scope === "mine") filtered = filtered.where("quarantine.person_id", "=", caller.person.personId);
  else {
    const allowed = requireAbility(caller, "see-all-transfers");
    if (!allowed.ok) return allowed;
  }
  const limit = query.limit ?? PAGE_ROWS_DEFAULT;
  // Entries come and go between two pages: the cursor counts rows, so one may then be shown twice or left out until the
  // list is loaded anew.
  const skipped = cursor.value ?? 0;
  const rows = await filtered
    .innerJoin("grant", "grant.id", "quarantine.grant_id")
    .innerJoin("person", "person.id", "quarantine.person_id")
    .innerJoin("device", "device.id", "quarantine.device_id")
    .select(["quarantine.entry", "quarantine.updated_at_ms", "grant.number", "quarantine.person_id"])
    .select(["person.name as person_name", "device.name as device_name", "quarantine.device_id"])
    .orderBy("quarantine.held_since_ms", "desc")
    .orderBy("quarantine.device_id")
    .orderBy("quarantine.entry_id")
    .limit(limit + 1)
    .offset(skipped)
    .execute();
  const { count } = await filtered.select((found) => found.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
  const { page, nextCursor } = pageOf(rows, limit, () => skipped + limit);
  return ok({
    entries: page.map((row) => {
      const entry: StoredEntry = JSON.parse(row.entry);
      return {
        ...entry,
        requestId: requestIdOf(row.number),
        person: { id: row.person_id, name: row.person_name },
        device: { id: row.device_id, name: row.device_name },
        updatedAtMs: row.updated_at_ms,
      };
    }),
    nextCursor,
    total: count,
  });
}
