// Tokens that open something once: a sign-in link, a device's joining.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Secret } from "../../base/secret.ts";
import type { Act } from "../commit.ts";
import type { Core } from "../core.ts";
import { newToken, tokenHash } from "../identifier.ts";
import { findPerson, type PersonRow } from "./person-row.ts";

export type OneTimePurpose = "sign-in" | "join";

const LIFE_MS: Readonly<Record<OneTimePurpose, number>> = { "sign-in": 24 * 3_600_000, join: 24 * 3_600_000 };
/** Older unused tokens of a person stop working when there are more. */
const UNUSED_MAX = 20;

export async function issueToken(
  core: Core,
  act: Act,
  purpose: OneTimePurpose,
  personId: string,
): Promise<{ readonly token: Secret; readonly expiresAtMs: number }> {
  const token = newToken(core.world.entropy);
  const expiresAtMs = act.nowMs + LIFE_MS[purpose];
  await act.tx
    .insertInto("one_time_token")
    .values({
      token_hash: tokenHash(token.reveal()),
      purpose,
      person_id: personId,
      expires_at_ms: expiresAtMs,
      used_at_ms: null,
    })
    .execute();
  const surplus = await act.tx
    .selectFrom("one_time_token")
    .select("token_hash")
    .where("person_id", "=", personId)
    .where("purpose", "=", purpose)
    .orderBy("expires_at_ms", "desc")
    .limit(1_000)
    .offset(UNUSED_MAX)
    .execute();
  if (surplus.length > 0) {
    const hashes = surplus.map((row) => row.token_hash);
    await act.tx.deleteFrom("one_time_token").where("token_hash", "in", hashes).execute();
  }
  return { token, expiresAtMs };
}

/** Uses the token up and gives the person whom it stands for. */
export async function spendToken(
  act: Act,
  purpose: OneTimePurpose,
  token: string,
): Promise<Result<PersonRow, Failure>> {
  const spent = await act.tx
    .updateTable("one_time_token")
    .set({ used_at_ms: act.nowMs })
    .where("token_hash", "=", tokenHash(token))
    .where("purpose", "=", purpose)
    .where("used_at_ms", "is", null)
    .where("expires_at_ms", ">", act.nowMs)
    .returning("person_id")
    .executeTakeFirst();
  const person = spent === undefined ? undefined : await findPerson(act.tx, spent.person_id);
  if (person === undefined) return err(failure("portal.link_spent"));
  return person.disabled === 1 ? err(failure("portal.person_disabled")) : ok(person);
}
