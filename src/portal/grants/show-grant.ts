// Grants as pages, programs and devices see them.

import type { Kysely } from "kysely";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { stateAt } from "../../domain/grant.ts";
import { requestIdOf } from "../../domain/request.ts";
import { GrantToken } from "../../wire/api/grant-token.ts";
import type { DeviceGrants, GrantDetail, GrantPage, GrantQuery, GrantSummary } from "../../wire/api/v1/grant.ts";
import { type Caller, type DeviceCaller, maySee, requireAbility } from "../caller.ts";
import { PAGE_ROWS_DEFAULT, pageOf, readCursor } from "../cursor.ts";
import { pathOfRow } from "../path-row.ts";
import { namesOf } from "../people/person-row.ts";
import { matchingNumbers } from "../requests/search.ts";
import type { Tables } from "../store/tables.ts";
import { contentOf } from "./issue-grant.ts";
import { currentRevocations } from "./revocation-list.ts";

function joined(tx: Kysely<Tables>) {
  return tx
    .selectFrom("grant")
    .innerJoin("request", "request.number", "grant.number")
    .innerJoin("person", "person.id", "grant.person_id")
    .innerJoin("device", "device.id", "grant.device_id")
    .leftJoin("transfer", "transfer.grant_id", "grant.id")
    .selectAll("grant")
    .select([
      "person.name as person_name",
      "device.name as device_name",
      "request.asked_at_ms",
      "request.decided_at_ms",
      "request.decided_by",
      "request.decided_why",
      "request.reason",
      "transfer.state as transfer_state",
      "transfer.why as transfer_why",
      "transfer.updated_at_ms as transfer_updated_at_ms",
    ]);
}

type JoinedRow = Awaited<ReturnType<ReturnType<typeof joined>["execute"]>>[number];

export async function listGrants(
  tx: Kysely<Tables>,
  caller: Caller,
  query: GrantQuery,
  nowMs: number,
): Promise<Result<GrantPage, Failure>> {
  const cursor = readCursor(query.cursor);
  if (!cursor.ok) return cursor;
  let filtered = tx.selectFrom("grant").select("seq");
  if (query.scope === "mine") filtered = filtered.where("person_id", "=", caller.person.personId);
  else {
    const allowed = requireAbility(caller, "see-all-transfers");
    if (!allowed.ok) return allowed;
  }
  // The sweeper marks what has expired; until it has, the clock decides.
  if (query.state === "active") filtered = filtered.where("state", "=", "active").where("expires_at_ms", ">", nowMs);
  else if (query.state === "expired") {
    filtered = filtered.where((where) =>
      where.or([
        where("state", "=", "expired"),
        where.and([where("state", "=", "active"), where("expires_at_ms", "<=", nowMs)]),
      ]),
    );
  } else if (query.state !== undefined) filtered = filtered.where("state", "=", query.state);
  const matching = matchingNumbers(query.q);
  if (query.q?.startsWith("G-")) filtered = filtered.where("id", "=", query.q.trim());
  else if (matching !== undefined) filtered = filtered.where("number", "in", matching);
  const limit = query.limit ?? PAGE_ROWS_DEFAULT;
  const after = cursor.value === undefined ? filtered : filtered.where("seq", "<", cursor.value);
  const rows = await joined(tx)
    .where("grant.seq", "in", after.orderBy("seq", "desc").limit(limit + 1))
    .orderBy("grant.seq", "desc")
    .execute();
  const { count } = await tx
    .selectFrom(filtered.as("found"))
    .select((found) => found.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const { page, nextCursor } = pageOf(rows, limit, (row) => row.seq);
  const names = await namesOf(
    tx,
    page.flatMap((row) => row.decided_by ?? []),
  );
  return ok({ grants: page.map((row) => summary(row, names, nowMs)), nextCursor, total: count });
}

export async function showGrant(
  tx: Kysely<Tables>,
  caller: Caller,
  id: string,
  nowMs: number,
): Promise<Result<GrantDetail, Failure>> {
  const row = await joined(tx).where("grant.id", "=", id).executeTakeFirst();
  const foreignDevice = caller.kind === "device" && row?.device_id !== caller.deviceId;
  if (row === undefined || foreignDevice || !maySee(caller, row.person_id, "see-all-transfers")) {
    return err(failure("portal.thing_unknown", { what: "grant", id }));
  }
  const claims: unknown = JSON.parse(row.claims);
  Value.Assert(GrantToken, claims);
  const names = await namesOf(tx, [...claims.approvers, row.decided_by ?? "portal"]);
  // The token names its tracker's secret address: only the owner gets it.
  const own = row.person_id === caller.person.personId;
  const { tracker: _, ...public_ } = claims;
  return ok({
    ...summary(row, names, nowMs),
    claims: own ? claims : public_,
    jws: own ? row.jws : "",
    approvers: claims.approvers.map((approver) => ({ id: approver, name: names.get(approver) ?? approver })),
  });
}

/** Everything that a device may do now. */
export async function deviceGrants(tx: Kysely<Tables>, caller: DeviceCaller, nowMs: number): Promise<DeviceGrants> {
  const rows = await tx
    .selectFrom("grant")
    .select(["id", "jws", "torrent_id", "number"])
    .where("device_id", "=", caller.deviceId)
    .where("state", "=", "active")
    .where("expires_at_ms", ">", nowMs)
    .orderBy("seq")
    .execute();
  return {
    grants: rows.map((row) => ({
      grantId: row.id,
      jws: row.jws,
      torrentId: row.torrent_id,
      requestId: requestIdOf(row.number),
    })),
    revocations: await currentRevocations(tx),
  };
}

function summary(row: JoinedRow, names: ReadonlyMap<string, string>, nowMs: number): GrantSummary {
  const state = stateAt({ state: row.state, expiresAtMs: row.expires_at_ms }, nowMs);
  const path = pathOfRow(row, {
    state: "approved",
    decidedBy: names.get(row.decided_by ?? "portal"),
    grant: { state, atMs: row.ended_at_ms ?? row.expires_at_ms, why: row.ended_why },
  });
  return {
    id: row.id,
    state,
    requestId: requestIdOf(row.number),
    person: { id: row.person_id, name: row.person_name },
    device: { id: row.device_id, name: row.device_name },
    direction: row.direction,
    application: row.application,
    swarm: row.swarm,
    content: contentOf(row),
    torrentId: row.torrent_id,
    startsAtMs: row.starts_at_ms,
    expiresAtMs: row.expires_at_ms,
    endedAtMs: row.ended_at_ms,
    endedWhy: row.ended_why,
    transferState: row.transfer_state,
    path: [...path],
  };
}
