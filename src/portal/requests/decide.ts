// Decisions: approve, deny, ask back. One denial ends a request; approvals count only while they are worth something.

import type { Kysely } from "kysely";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Zone } from "../../domain/grant.ts";
import { may, sameHuman } from "../../domain/person.ts";
import type { Approval, ReasonedDecision } from "../../wire/api/v1/request.ts";
import { actorOf, type Caller, requireAbility } from "../caller.ts";
import { type Act, commit } from "../commit.ts";
import type { Core } from "../core.ts";
import { issueGrant, type Narrowed } from "../grants/issue-grant.ts";
import { findPerson, rolesOf } from "../people/person-row.ts";
import type { Tables } from "../store/tables.ts";
import { addHistory, moveRequest, pendingRequest, pushRequest, type RequestRow } from "./request-row.ts";

type Decided = Result<string, Failure>;

export function approveRequest(core: Core, caller: Caller, id: string, call: Approval): Promise<Decided> {
  return decide(core, caller, id, call.version, async (act, row) => {
    const cast = await castVote(act, caller, row, call);
    if (!cast.ok) return cast;
    const votes = await validVotes(act.tx, row);
    if (votes.length < row.approvals_needed) {
      act.record("request.vote_cast", id, { votes: votes.length, needed: row.approvals_needed });
      pushRequest(act, row);
      return ok(id);
    }
    const device = await act.tx.selectFrom("device").selectAll().where("id", "=", row.device_id).executeTakeFirst();
    if (device?.state !== "active") return impossible(id, "the device was removed");
    const narrowed = narrow(row, votes);
    if (narrowed === undefined) return impossible(id, "the approvers allow no zone in common");
    const approvers = votes.map((vote) => vote.person_id);
    const grantId = await issueGrant(core, act, { request: row, device, approvers, narrowed });
    pushRequest(act, await moveRequest(act, row.number, "approved", call.reason ?? "", grantId));
    act.record("request.approved", id, { reason: call.reason ?? "", grant: grantId });
    return ok(id);
  });
}

export function denyRequest(core: Core, caller: Caller, id: string, call: ReasonedDecision): Promise<Decided> {
  return decide(core, caller, id, call.version, async (act, row) => {
    pushRequest(act, await moveRequest(act, row.number, "denied", call.reason));
    act.record("request.denied", id, { reason: call.reason });
    return ok(id);
  });
}

export function askAboutRequest(core: Core, caller: Caller, id: string, call: ReasonedDecision): Promise<Decided> {
  return decide(core, caller, id, call.version, async (act, row) => {
    await act.tx.updateTable("request").set({ question: call.reason }).where("number", "=", row.number).execute();
    await addHistory(act, row, "questioned", call.reason);
    act.record("request.questioned", id, { reason: call.reason });
    pushRequest(act, row);
    return ok(id);
  });
}

/** HOSTILE 153: whoever asked does not decide, under any account that is known to be theirs. */
function decide(
  core: Core,
  caller: Caller,
  id: string,
  version: number,
  run: (act: Act, row: RequestRow) => Promise<Decided>,
): Promise<Decided> {
  return commit(core, actorOf(caller), async (act) => {
    const allowed = requireAbility(caller, "decide");
    if (!allowed.ok) return allowed;
    const found = await pendingRequest(act, id, version, () => true);
    if (!found.ok) return found;
    const asker = await findPerson(act.tx, found.value.person_id);
    if (asker === undefined || asker.disabled === 1) return impossible(id, "the account of the person is disabled");
    if (sameHuman(caller.person, { personId: asker.id, humanId: asker.human_id })) {
      return err(failure("portal.request_own"));
    }
    return run(act, found.value);
  });
}

/** HOSTILE 154: the key of the table is the human being, so that a race ends with one vote. */
async function castVote(
  act: Act,
  caller: Caller,
  row: RequestRow,
  call: Approval,
): Promise<Result<undefined, Failure>> {
  const inserted = await act.tx
    .insertInto("vote")
    .values({
      number: row.number,
      version: row.version,
      human_id: caller.person.humanId,
      person_id: caller.person.personId,
      at_ms: act.nowMs,
      narrow: JSON.stringify(call.narrow ?? {}),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("number")
    .execute();
  if (inserted.length === 0) return err(failure("portal.vote_cast", { request: `R-${row.number}` }));
  await addHistory(act, row, "approved", call.reason ?? "");
  return ok();
}

export type Vote = { readonly person_id: string; readonly narrow: Partial<Narrowed> };

/**
 * The votes that count: for this version of the request (HOSTILE 155), by people who may still decide (HOSTILE 156),
 * one a human being even when accounts were linked later, and not by the person who asks.
 */
export async function validVotes(
  tx: Kysely<Tables>,
  row: Pick<RequestRow, "number" | "version" | "person_id">,
): Promise<Vote[]> {
  const rows = await tx
    .selectFrom("vote")
    .innerJoin("person", "person.id", "vote.person_id")
    .select(["person.id", "person.roles", "person.human_id", "vote.narrow"])
    .where("vote.number", "=", row.number)
    .where("vote.version", "=", row.version)
    .where("person.disabled", "=", 0)
    .orderBy("vote.at_ms")
    .execute();
  const asker = await findPerson(tx, row.person_id);
  const humans = new Set(asker === undefined ? [] : [asker.human_id]);
  const votes: Vote[] = [];
  for (const voter of rows) {
    if (humans.has(voter.human_id) || !may(rolesOf(voter), "decide")) continue;
    humans.add(voter.human_id);
    votes.push({ person_id: voter.id, narrow: JSON.parse(voter.narrow) });
  }
  return votes;
}

/** The least that everybody allows; undefined when nothing is left. An empty list of zones means all of them. */
function narrow(row: RequestRow, votes: readonly Vote[]): Narrowed | undefined {
  let durationSeconds = row.duration_seconds;
  let maxBytes: number | undefined;
  let zones: readonly Zone[] | undefined;
  for (const { narrow: part } of votes) {
    durationSeconds = Math.min(durationSeconds, part.durationSeconds ?? durationSeconds);
    if (part.maxBytes !== undefined) maxBytes = Math.min(maxBytes ?? part.maxBytes, part.maxBytes);
    const allowed = part.zones;
    if (allowed !== undefined && allowed.length > 0)
      zones = (zones ?? allowed).filter((zone) => allowed.includes(zone));
  }
  if (zones?.length === 0) return undefined;
  return { durationSeconds, zones: zones ?? [], ...(maxBytes === undefined ? {} : { maxBytes }) };
}

function impossible(id: string, detail: string): Result<never, Failure> {
  return err(failure("portal.approval_impossible", { request: id, detail }));
}
