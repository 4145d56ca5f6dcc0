// Requests that nobody decided in time, or whose person or device is gone, lapse.

import { requestIdOf } from "../../domain/request.ts";
import type { Act } from "../commit.ts";
import { moveRequest, pushRequest } from "./request-row.ts";

/** DESIGN: every state is kept for ever; this is only how long a request waits. */
export const REQUEST_WAITS_MAX_MS = 30 * 86_400_000;
const LAPSED_AT_ONCE_MAX = 500;

export async function lapseOldRequests(act: Act): Promise<void> {
  const rows = await act.tx
    .selectFrom("request")
    .select("number")
    .where("state", "=", "pending")
    .where("lapses_at_ms", "<=", act.nowMs)
    .limit(LAPSED_AT_ONCE_MAX)
    .execute();
  for (const { number } of rows) await lapse(act, number, "Nobody decided it within 30 days.");
}

export async function lapseRequestsWhere(
  act: Act,
  column: "person_id" | "device_id",
  id: string,
  why: string,
): Promise<void> {
  const rows = await act.tx
    .selectFrom("request")
    .select("number")
    .where(column, "=", id)
    .where("state", "=", "pending")
    .execute();
  for (const { number } of rows) await lapse(act, number, why);
}

async function lapse(act: Act, number: number, why: string): Promise<void> {
  const row = await moveRequest(act, number, "lapsed", why);
  act.record("request.lapsed", requestIdOf(number), { reason: why });
  pushRequest(act, row);
}
