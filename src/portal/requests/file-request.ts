// Asking: filed, edited, taken back, by the person or by a device of theirs.

import { createHash } from "node:crypto";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { judge } from "../../domain/policy.ts";
import { requestIdOf } from "../../domain/request.ts";
import type { NewRequest, RequestEdit, Withdrawal } from "../../wire/api/v1/request.ts";
import { actorOf, type Caller, requireAbility } from "../caller.ts";
import { type Act, commit } from "../commit.ts";
import type { Core } from "../core.ts";
import { type AskedContent, askedContent } from "./asked-content.ts";
import { REQUEST_WAITS_MAX_MS } from "./lapse.ts";
import { addHistory, moveRequest, pendingRequest, pushRequest } from "./request-row.ts";

const PENDING_PER_PERSON_MAX = 200;

type Filed = Result<string, Failure>;

/** Gives the request's id; with a key that was used before, the id of then. */
export function fileRequest(core: Core, caller: Caller, call: NewRequest, key: string | undefined): Promise<Filed> {
  return commit(core, actorOf(caller), async (act) => {
    const allowed = requireAbility(caller, "ask");
    if (!allowed.ok) return allowed;
    const before = await repeated(act, caller, call, key);
    if (before !== undefined) return before;
    const { policy } = core.settings;
    if (call.policyVersion !== policy.version) {
      return err(failure("portal.policy_outdated", { version: policy.version }));
    }
    const asked = await askedContent(act.tx, caller, call);
    if (!asked.ok) return asked;
    const possible = await checkPossible(act, caller, call, asked.value);
    if (!possible.ok) return possible;
    const answer = judge(policy, questionOf(caller, call, asked.value));
    if (answer.outcome === "refused") {
      return err(failure("portal.request_refused", { why: answer.why, rule: answer.rule }));
    }
    const number = await insertRequest(act, caller, call, asked.value, answer);
    const id = requestIdOf(number);
    if (key !== undefined) await remember(act, caller, key, call, id);
    await addHistory(act, { number, version: 1 }, "asked", call.reason);
    act.record("request.filed", id, {
      person: caller.person.personId,
      direction: call.direction,
      application: call.application,
      name: asked.value.content.name,
      device: call.deviceId,
      policy: policy.version,
    });
    pushRequest(act, { number, state: "pending", version: 1, person_id: caller.person.personId });
    return ok(id);
  });
}

export function questionOf(
  caller: Caller,
  draft: Pick<NewRequest, "direction" | "application" | "swarm"> & { readonly durationSeconds?: number },
  { content }: AskedContent,
) {
  return {
    direction: draft.direction,
    application: draft.application,
    swarm: draft.swarm ?? "open",
    roles: caller.person.roles,
    ...(content.totalBytes === undefined ? {} : { totalBytes: content.totalBytes }),
    durationSeconds: draft.durationSeconds ?? 0,
    infoHashes: [content.infoHashV1, content.infoHashV2].filter((hash) => hash !== undefined),
  };
}

async function checkPossible(
  act: Act,
  caller: Caller,
  call: NewRequest,
  { content }: AskedContent,
): Promise<Result<undefined, Failure>> {
  const { personId } = caller.person;
  const device = await act.tx
    .selectFrom("device")
    .select("id")
    .where("id", "=", call.deviceId)
    .where("person_id", "=", personId)
    .where("state", "=", "active")
    .executeTakeFirst();
  const foreign = caller.kind === "device" && caller.deviceId !== call.deviceId;
  if (device === undefined || foreign) return err(failure("portal.device_missing", { id: call.deviceId }));
  const pending = await act.tx
    .selectFrom("request")
    .select(["number", "device_id", "direction", "application", "name", "info_hash_v1", "info_hash_v2"])
    .where("person_id", "=", personId)
    .where("state", "=", "pending")
    .limit(PENDING_PER_PERSON_MAX)
    .execute();
  if (pending.length >= PENDING_PER_PERSON_MAX) {
    return err(failure("portal.requests_too_many", { count: pending.length }));
  }
  const same = pending.find(
    (row) =>
      row.device_id === call.deviceId &&
      row.direction === call.direction &&
      row.application === call.application &&
      row.info_hash_v1 === (content.infoHashV1 ?? null) &&
      row.info_hash_v2 === (content.infoHashV2 ?? null) &&
      row.name === content.name,
  );
  return same === undefined ? ok() : err(failure("portal.request_pending", { request: requestIdOf(same.number) }));
}

async function insertRequest(
  act: Act,
  caller: Caller,
  call: NewRequest,
  { content, torrentId }: AskedContent,
  answer: { readonly rule: string; readonly why: string; readonly approvals: number },
): Promise<number> {
  const { personId, name: personName } = caller.person;
  const words = [content.name, content.infoHashV1, content.infoHashV2, call.reason, personName];
  const { number } = await act.tx
    .insertInto("request")
    .values({
      person_id: personId,
      device_id: call.deviceId,
      direction: call.direction,
      application: call.application,
      swarm: call.swarm ?? "open",
      torrent_id: torrentId,
      info_hash_v1: content.infoHashV1 ?? null,
      info_hash_v2: content.infoHashV2 ?? null,
      name: content.name,
      total_bytes: content.totalBytes ?? null,
      reason: call.reason.trim(),
      duration_seconds: call.durationSeconds,
      policy_version: call.policyVersion,
      policy_rule: answer.rule,
      policy_why: answer.why,
      approvals_needed: answer.approvals,
      state: "pending",
      version: 1,
      question: null,
      asked_at_ms: act.nowMs,
      lapses_at_ms: act.nowMs + REQUEST_WAITS_MAX_MS,
      decided_at_ms: null,
      decided_by: null,
      decided_why: null,
      grant_id: null,
    })
    .returning("number")
    .executeTakeFirstOrThrow();
  await act.tx
    .insertInto("request_search")
    .values({ rowid: number, text: words.join(" ") })
    .execute();
  return number;
}

/** HOSTILE 155: another version, for which no vote was cast. An edit answers a question too. */
export function editRequest(core: Core, caller: Caller, id: string, call: RequestEdit): Promise<Filed> {
  return commit(core, actorOf(caller), async (act) => {
    const found = await ownPending(act, caller, id, call.version);
    if (!found.ok) return found;
    const row = await act.tx
      .updateTable("request")
      .set({
        version: found.value.version + 1,
        question: null,
        reason: call.reason?.trim() ?? found.value.reason,
        duration_seconds: call.durationSeconds ?? found.value.duration_seconds,
      })
      .where("number", "=", found.value.number)
      .returningAll()
      .executeTakeFirstOrThrow();
    await addHistory(act, row, "edited", row.reason);
    act.record("request.edited", id, { version: row.version, durationSeconds: row.duration_seconds });
    pushRequest(act, row);
    return ok(id);
  });
}

export function withdrawRequest(core: Core, caller: Caller, id: string, call: Withdrawal): Promise<Filed> {
  return commit(core, actorOf(caller), async (act) => {
    const found = await ownPending(act, caller, id, call.version);
    if (!found.ok) return found;
    pushRequest(act, await moveRequest(act, found.value.number, "withdrawn", call.reason ?? ""));
    act.record("request.withdrawn", id, { reason: call.reason ?? "" });
    return ok(id);
  });
}

function ownPending(act: Act, caller: Caller, id: string, version: number | undefined) {
  return pendingRequest(act, id, version, (row) => row.person_id === caller.person.personId);
}

async function repeated(
  act: Act,
  caller: Caller,
  call: NewRequest,
  key: string | undefined,
): Promise<Filed | undefined> {
  if (key === undefined) return undefined;
  const before = await act.tx
    .selectFrom("idempotency")
    .select(["body_hash", "subject"])
    .where("owner", "=", caller.person.personId)
    .where("key", "=", key)
    .executeTakeFirst();
  if (before === undefined) return undefined;
  return before.body_hash === hashOf(call) ? ok(before.subject) : err(failure("portal.key_reused"));
}

async function remember(act: Act, caller: Caller, key: string, call: NewRequest, subject: string): Promise<void> {
  await act.tx
    .insertInto("idempotency")
    .values({ owner: caller.person.personId, key, body_hash: hashOf(call), subject, at_ms: act.nowMs })
    .execute();
}

function hashOf(call: NewRequest): string {
  const members = Object.entries(call).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(members)).digest("hex");
}
