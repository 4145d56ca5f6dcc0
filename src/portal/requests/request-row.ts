// Changes to a stored request that several use cases make alike.

import type { Selectable } from "kysely";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type RequestAction, type RequestState, requestIdOf, requestNumberOf } from "../../domain/request.ts";
import type { Act } from "../commit.ts";
import type { RequestTable } from "../store/tables.ts";

export type RequestRow = Selectable<RequestTable>;

/** Ends the request with this state; the history tells who and why. */
export async function moveRequest(
  act: Act,
  number: number,
  state: Exclude<RequestState, "pending">,
  why: string,
  grantId: string | null = null,
): Promise<RequestRow> {
  const row = await act.tx
    .updateTable("request")
    .set({
      state,
      question: null,
      decided_at_ms: act.nowMs,
      decided_by: act.actor,
      decided_why: why,
      grant_id: grantId,
    })
    .where("number", "=", number)
    .returningAll()
    .executeTakeFirstOrThrow();
  // An approval is in the history already, as a vote.
  if (state !== "approved") await addHistory(act, row, state, why);
  return row;
}

export async function addHistory(
  act: Act,
  row: Pick<RequestRow, "number" | "version">,
  action: RequestAction,
  reason: string,
): Promise<void> {
  const { number, version } = row;
  await act.tx
    .insertInto("request_history")
    .values({ number, version, at_ms: act.nowMs, actor: act.actor, action, reason })
    .execute();
}

export function pushRequest(act: Act, row: Pick<RequestRow, "number" | "state" | "version" | "person_id">): void {
  act.push(
    { people: [row.person_id], ability: "decide" },
    {
      type: "request",
      requestId: requestIdOf(row.number),
      state: row.state,
      version: row.version,
      personId: row.person_id,
    },
  );
}

/** The pending request of this id, as it was when `version` was looked at. */
export async function pendingRequest(
  act: Act,
  id: string,
  version: number | undefined,
  visible: (row: RequestRow) => boolean,
): Promise<Result<RequestRow, Failure>> {
  const number = requestNumberOf(id);
  const row =
    number === undefined
      ? undefined
      : await act.tx.selectFrom("request").selectAll().where("number", "=", number).executeTakeFirst();
  if (row === undefined || !visible(row)) return err(failure("portal.thing_unknown", { what: "request", id }));
  // The sweeper comes every few seconds; the clock is right at once.
  const state = row.state === "pending" && row.lapses_at_ms <= act.nowMs ? "lapsed" : row.state;
  if (state !== "pending") return err(failure("portal.request_decided", { request: id, state }));
  if (version !== undefined && version !== row.version) return err(failure("portal.request_changed", { request: id }));
  return ok(row);
}
