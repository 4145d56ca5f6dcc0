// Grants as a gate gets them: signed like any other, but without the tracker's secret address, which only the owner may
// have. Whoever may see every transfer may see these claims already; here they come with a signature.

import { Value } from "typebox/value";
import { GRANT_FORM, GrantToken } from "../../wire/api/grant-token.ts";
import { sealToken } from "../../wire/api/sealed-token.ts";
import type { GateGrants } from "../../wire/api/v1/grant.ts";
import type { Core } from "../core.ts";
import { currentRevocations } from "./revocation-list.ts";

export async function gateGrants(core: Core, nowMs: number): Promise<GateGrants> {
  const rows = await core.database
    .selectFrom("grant")
    .select(["id", "claims"])
    .where("state", "=", "active")
    .where("expires_at_ms", ">", nowMs)
    .orderBy("seq")
    .execute();
  const grants: { grantId: string; jws: string }[] = [];
  for (const row of rows) {
    const claims: unknown = JSON.parse(row.claims);
    Value.Assert(GrantToken, claims);
    const { tracker: _, ...open } = claims;
    // Ed25519 signs the same text in the same way: a gate knows the token again.
    grants.push({ grantId: row.id, jws: await sealToken(GRANT_FORM, open, core.key.sealing) });
  }
  return { grants, revocations: await currentRevocations(core.database) };
}
