// Requests as pages and programs see them.

import type { Kysely } from "kysely";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { stateAt } from "../../domain/grant.ts";
import { sameHuman } from "../../domain/person.ts";
import { requestIdOf, requestNumberOf } from "../../domain/request.ts";
import type { RequestDetail, RequestPage, RequestQuery, RequestSummary } from "../../wire/api/v1/request.ts";
import { type Caller, can, maySee, requireAbility } from "../caller.ts";
import { PAGE_ROWS_DEFAULT, pageOf, readCursor } from "../cursor.ts";
import { contentOf } from "../grants/issue-grant.ts";
import { pathOfRow } from "../path-row.ts";
import { namesOf } from "../people/person-row.ts";
import type { Tables } from "../store/tables.ts";
import { summaryOf } from "../torrents/torrent.ts";
import { validVotes } from "./decide.ts";
import { matchingNumbers } from "./search.ts";

/** A request with what the path needs of its grant and transfer. */
function joined(tx: Kysely<Tables>) {
  return tx
    .selectFrom("request")
    .innerJoin("person", "person.id", "request.person_id")
    .innerJoin("device", "device.id", "request.device_id")
    .leftJoin("grant", "grant.id", "request.grant_id")
    .leftJoin("transfer", "transfer.grant_id", "request.grant_id")
    .selectAll("request")
    .select([
      "person.name as person_name",
      "person.human_id",
      "device.name as device_name",
      "grant.state as grant_state",
      "grant.expires_at_ms as grant_expires_at_ms",
      "grant.ended_at_ms as grant_ended_at_ms",
      "grant.ended_why as grant_ended_why",
      "transfer.state as transfer_state",
      "transfer.why as transfer_why",
      "transfer.updated_at_ms as transfer_updated_at_ms",
    ]);
}

type JoinedRow = Awaited<ReturnType<ReturnType<typeof joined>["execute"]>>[number];

export async function listRequests(
  tx: Kysely<Tables>,
  caller: Caller,
  query: RequestQuery,
  nowMs: number,
): Promise<Result<RequestPage, Failure>> {
  const cursor = readCursor(query.cursor);
  if (!cursor.ok) return cursor;
  const { personId } = caller.person;
  let filtered = tx.selectFrom("request").select("number");
  if (query.scope === "mine") filtered = filtered.where("person_id", "=", personId);
  else {
    const allowed = requireAbility(caller, query.scope === "decide" ? "decide" : "see-all-transfers");
    if (!allowed.ok) return allowed;
  }
  if (query.scope === "decide") {
    const own = await tx.selectFrom("person").select("id").where("human_id", "=", caller.person.humanId).execute();
    const ids = own.map((row) => row.id);
    filtered = filtered.where("person_id", "not in", ids);
  }
  const state = query.state ?? (query.scope === "decide" ? "pending" : undefined);
  if (state !== undefined) filtered = filtered.where("state", "=", state);
  const matching = matchingNumbers(query.q);
  if (matching !== undefined) filtered = filtered.where("number", "in", matching);
  const oldest = query.sort === "oldest";
  let page = filtered;
  if (cursor.value !== undefined) page = page.where("number", oldest ? ">" : "<", cursor.value);
  const limit = query.limit ?? PAGE_ROWS_DEFAULT;
  const numbers = page.orderBy("number", oldest ? "asc" : "desc").limit(limit + 1);
  const rows = await joined(tx)
    .where("request.number", "in", numbers)
    .orderBy("request.number", oldest ? "asc" : "desc")
    .execute();
  const { count } = await tx
    .selectFrom(filtered.as("found"))
    .select((found) => found.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const { page: shown, nextCursor } = pageOf(rows, limit, (row) => row.number);
  const names = await namesOf(
    tx,
    shown.flatMap((row) => row.decided_by ?? []),
  );
  return ok({ requests: shown.map((row) => summary(row, names, nowMs)), nextCursor, total: count });
}

export async function showRequest(
  tx: Kysely<Tables>,
  caller: Caller,
  id: string,
  nowMs: number,
): Promise<Result<RequestDetail, Failure>> {
  const number = requestNumberOf(id);
  const row =
    number === undefined ? undefined : await joined(tx).where("request.number", "=", number).executeTakeFirst();
  if (row === undefined || !(maySee(caller, row.person_id, "decide") || can(caller, "see-all-transfers"))) {
    return err(failure("portal.thing_unknown", { what: "request", id }));
  }
  const { history, names } = await historyOf(tx, row);
  const votes = await validVotes(tx, row);
  const torrent =
    row.torrent_id === null
      ? undefined
      : await tx.selectFrom("torrent").select("summary").where("id", "=", row.torrent_id).executeTakeFirst();
  const verdicts =
    row.grant_id === null
      ? []
      : await tx
          .selectFrom("verdict")
          .selectAll()
          .where("grant_id", "=", row.grant_id)
          .orderBy("id")
          .limit(500)
          .execute();
  return ok({
    ...summary(row, names, nowMs),
    policyVersion: row.policy_version,
    approvalsNeeded: row.approvals_needed,
    approvalsGiven: row.state === "approved" ? row.approvals_needed : votes.length,
    policyRule: row.policy_rule,
    policyWhy: row.policy_why,
    actions: actionsOf(caller, row, new Set(votes.map((vote) => vote.person_id))),
    torrent: torrent === undefined ? null : summaryOf(torrent),
    history: history.map((entry) => ({
      atMs: entry.at_ms,
      who: names.get(entry.actor) ?? entry.actor,
      action: entry.action,
      reason: entry.reason,
      version: entry.version,
      void:
        entry.action === "approved" &&
        row.state !== "approved" &&
        !votes.some((vote) => vote.person_id === entry.actor),
    })),
    grant: grantOf(row, nowMs),
    verdicts: verdicts.map(({ file_name, verdict, why, at_ms }) => ({
      fileName: file_name,
      verdict,
      why,
      atMs: at_ms,
    })),
  });
}

async function historyOf(tx: Kysely<Tables>, row: JoinedRow) {
  const history = await tx
    .selectFrom("request_history")
    .selectAll()
    .where("number", "=", row.number)
    .orderBy("id")
    .limit(500)
    .execute();
  const names = await namesOf(tx, [...history.map((entry) => entry.actor), ...(row.decided_by ?? "").split(" ")]);
  return { history, names };
}

function actionsOf(caller: Caller, row: JoinedRow, voted: ReadonlySet<string>): RequestDetail["actions"] {
  if (row.state !== "pending") return [];
  const asker = { personId: row.person_id, humanId: row.human_id };
  const own: RequestDetail["actions"] = caller.person.personId === row.person_id ? ["withdraw", "edit"] : [];
  if (!can(caller, "decide") || sameHuman(caller.person, asker)) return own;
  return voted.has(caller.person.personId) ? [...own, "deny", "ask"] : [...own, "approve", "deny", "ask"];
}

function grantOf(row: JoinedRow, nowMs: number): RequestDetail["grant"] {
  if (row.grant_id === null || row.grant_state === null || row.grant_expires_at_ms === null) return null;
  return {
    id: row.grant_id,
    state: stateAt({ state: row.grant_state, expiresAtMs: row.grant_expires_at_ms }, nowMs),
    expiresAtMs: row.grant_expires_at_ms,
    endedWhy: row.grant_ended_why ?? "",
  };
}

function summary(row: JoinedRow, names: ReadonlyMap<string, string>, nowMs: number): RequestSummary {
  return {
    id: requestIdOf(row.number),
    state: row.state,
    version: row.version,
    direction: row.direction,
    application: row.application,
    swarm: row.swarm,
    content: contentOf(row),
    torrentId: row.torrent_id,
    person: { id: row.person_id, name: row.person_name },
    device: { id: row.device_id, name: row.device_name },
    reason: row.reason,
    durationSeconds: row.duration_seconds,
    askedAtMs: row.asked_at_ms,
    decidedAtMs: row.decided_at_ms,
    question: row.question,
    grantId: row.grant_id,
    transferState: row.transfer_state,
    path: [...pathFor(row, names, nowMs)],
  };
}

function pathFor(row: JoinedRow, names: ReadonlyMap<string, string>, nowMs: number) {
  const grant = grantOf(row, nowMs);
  return pathOfRow(row, {
    state: row.state,
    decidedBy: row.decided_by === null ? undefined : (names.get(row.decided_by) ?? row.decided_by),
    question: row.question,
    grant: grant && { state: grant.state, atMs: row.grant_ended_at_ms ?? grant.expiresAtMs, why: grant.endedWhy },
  });
}
