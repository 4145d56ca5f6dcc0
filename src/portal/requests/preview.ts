// What would happen to a request, said before it is sent; and who had the same content already.

import type { Kysely } from "kysely";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { stateAt } from "../../domain/grant.ts";
import { judge } from "../../domain/policy.ts";
import { requestIdOf } from "../../domain/request.ts";
import type { Preview, RequestDraft } from "../../wire/api/v1/request.ts";
import { type Caller, can } from "../caller.ts";
import type { Core } from "../core.ts";
import type { Tables } from "../store/tables.ts";
import { type AskedContent, askedContent } from "./asked-content.ts";
import { questionOf } from "./file-request.ts";

const SIMILAR_MAX = 10;

export async function previewRequest(
  core: Core,
  caller: Caller,
  draft: RequestDraft,
): Promise<Result<Preview, Failure>> {
  const asked = await askedContent(core.database, caller, draft);
  if (!asked.ok) return asked;
  const nowMs = core.world.clock.wallMs();
  const found = await similarRequests(core.database, caller, draft, asked.value, nowMs);
  const similar = found.map((row) => {
    const { deviceId: _, ...shown } = row;
    return shown;
  });
  const answer = judge(core.settings.policy, questionOf(caller, draft, asked.value));
  const { rule, why } = answer;
  // Deny wins: what policy refuses today is refused whatever was granted before.
  if (answer.outcome === "refused") return ok({ outcome: "refused", why, rule, approvals: 0, similar });
  const sameDevice = (row: SimilarRow) => row.mine && (draft.deviceId === undefined || row.deviceId === draft.deviceId);
  const released = found.find((row) => row.mine && row.transferState === "released");
  const granted = found.find((row) => sameDevice(row) && row.grantState === "active");
  if (released !== undefined) {
    const says = `You have it already: ${released.requestId} was released into the library of your device.`;
    return ok({ outcome: "released-already", why: says, rule, approvals: 0, similar });
  }
  if (granted !== undefined) {
    const says = `${granted.requestId} was approved and still holds: nothing needs to be asked.`;
    return ok({ outcome: "granted-already", why: says, rule, approvals: 0, similar });
  }
  return ok({ outcome: "needs-review", why, rule, approvals: answer.approvals, similar });
}

type SimilarRow = Preview["similar"][number] & { readonly deviceId: string };

/** Requests for the same hashes: one's own, and those of others only for people who may see them. */
async function similarRequests(
  tx: Kysely<Tables>,
  caller: Caller,
  draft: RequestDraft,
  { content }: AskedContent,
  nowMs: number,
): Promise<SimilarRow[]> {
  const { infoHashV1, infoHashV2 } = content;
  if (infoHashV1 === undefined && infoHashV2 === undefined) return [];
  let query = tx
    .selectFrom("request")
    .leftJoin("grant", "grant.id", "request.grant_id")
    .leftJoin("transfer", "transfer.grant_id", "request.grant_id")
    .select(["request.number", "request.name", "request.state", "request.person_id", "request.asked_at_ms"])
    .select([
      "request.device_id",
      "grant.state as grant_state",
      "grant.expires_at_ms",
      "transfer.state as transfer_state",
    ])
    .where("request.direction", "=", draft.direction)
    .where("request.application", "=", draft.application)
    .where((where) =>
      where.or([
        ...(infoHashV1 === undefined ? [] : [where("request.info_hash_v1", "=", infoHashV1)]),
        ...(infoHashV2 === undefined ? [] : [where("request.info_hash_v2", "=", infoHashV2)]),
      ]),
    )
    .orderBy("request.number", "desc")
    .limit(SIMILAR_MAX);
  if (!can(caller, "decide")) query = query.where("request.person_id", "=", caller.person.personId);
  return (await query.execute()).map((row) => ({
    requestId: requestIdOf(row.number),
    name: row.name,
    state: row.state,
    grantState:
      row.grant_state === null || row.expires_at_ms === null
        ? null
        : stateAt({ state: row.grant_state, expiresAtMs: row.expires_at_ms }, nowMs),
    transferState: row.transfer_state,
    mine: row.person_id === caller.person.personId,
    askedAtMs: row.asked_at_ms,
    deviceId: row.device_id,
  }));
}
