// Ends grants before their time: revoked by a reviewer, given back by the owner, or with an account or device.

import type { Selectable } from "kysely";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type RevocationKind, stateAt } from "../../domain/grant.ts";
import { actorOf, type Caller, requireAbility } from "../caller.ts";
import { type Act, commit } from "../commit.ts";
import type { Core } from "../core.ts";
import { lapseRequestsWhere } from "../requests/lapse.ts";
import type { GrantTable } from "../store/tables.ts";
import { renewRevocations } from "./revocation-list.ts";

type GrantRow = Selectable<GrantTable>;

export function revokeGrant(core: Core, caller: Caller, id: string, reason: string): Promise<Result<string, Failure>> {
  return commit(core, actorOf(caller), async (act) => {
    const allowed = requireAbility(caller, "decide");
    if (!allowed.ok) return allowed;
    const row = await findGrant(act, id);
    return row === undefined ? unknownGrant(id) : endOne(core, act, row, "revoked", reason);
  });
}

export function returnGrant(core: Core, caller: Caller, id: string, reason: string): Promise<Result<string, Failure>> {
  return commit(core, actorOf(caller), async (act) => {
    const row = await findGrant(act, id);
    if (row === undefined || row.person_id !== caller.person.personId) return unknownGrant(id);
    return endOne(core, act, row, "returned", reason);
  });
}

/** All active grants, and all waiting requests, of a person or a device. */
export async function endGrantsWhere(
  core: Core,
  act: Act,
  whose: { readonly personId: string } | { readonly deviceId: string },
  why: string,
): Promise<void> {
  const [column, id] =
    "personId" in whose ? (["person_id", whose.personId] as const) : (["device_id", whose.deviceId] as const);
  const rows = await act.tx
    .selectFrom("grant")
    .selectAll()
    .where(column, "=", id)
    .where("state", "=", "active")
    .execute();
  for (const row of rows) await markEnded(core, act, row, "revoked", why);
  if (rows.length > 0) await renewRevocations(core, act);
  await lapseRequestsWhere(act, column, id, why);
}

async function endOne(
  core: Core,
  act: Act,
  row: GrantRow,
  kind: RevocationKind,
  why: string,
): Promise<Result<string, Failure>> {
  const state = stateAt({ state: row.state, expiresAtMs: row.expires_at_ms }, act.nowMs);
  if (state !== "active") return err(failure("portal.grant_ended", { grant: row.id, state }));
  await markEnded(core, act, row, kind, why);
  await renewRevocations(core, act);
  return ok(row.id);
}

async function markEnded(core: Core, act: Act, row: GrantRow, kind: RevocationKind, why: string): Promise<void> {
  await act.tx
    .updateTable("grant")
    .set({ state: kind, ended_at_ms: act.nowMs, ended_by: act.actor, ended_why: why, revocation_kind: kind })
    .where("id", "=", row.id)
    .execute();
  act.record(kind === "revoked" ? "grant.revoked" : "grant.returned", row.id, { reason: why, person: row.person_id });
  act.afterwards(() => core.swarms.leaveAll(row.id));
  pushGrant(act, row, kind, null);
}

/** To the device, with the token when the grant is new, and to everybody who sees it on a page. */
export function pushGrant(
  act: Act,
  row: Pick<GrantRow, "id" | "number" | "device_id" | "person_id" | "torrent_id">,
  state: GrantRow["state"],
  jws: string | null,
): void {
  const event = {
    type: "grant",
    grantId: row.id,
    requestId: `R-${row.number}`,
    state,
    torrentId: row.torrent_id,
  } as const;
  act.push({ devices: [row.device_id] }, { ...event, jws });
  act.push({ people: [row.person_id], ability: "see-all-transfers" }, { ...event, jws: null });
}

function findGrant(act: Act, id: string): Promise<GrantRow | undefined> {
  return act.tx.selectFrom("grant").selectAll().where("id", "=", id).executeTakeFirst();
}

function unknownGrant(id: string): Result<never, Failure> {
  return err(failure("portal.thing_unknown", { what: "grant", id }));
}
