// The signed list of grants that ended early: its number only rises, and it is signed again before it ages.

import type { Kysely } from "kysely";
import { assert } from "../../base/assert.ts";
import { REVOCATIONS_FORM, type RevocationsToken } from "../../wire/api/grant-token.ts";
import { sealToken } from "../../wire/api/sealed-token.ts";
import type { Act } from "../commit.ts";
import type { Core } from "../core.ts";
import type { Tables } from "../store/tables.ts";

const META_KEY = "revocations";
/** A grant stays on the list until its own end has passed for everybody, whatever their clocks say. */
const KEPT_AFTER_END_MS = 3_600_000;
const WHY_CHARACTERS_MAX = 200;

type Kept = { readonly n: number; readonly jws: string };

export async function currentRevocations(tx: Kysely<Tables>): Promise<string> {
  const kept = await readKept(tx);
  assert(kept !== undefined, "the first list is signed before the portal listens");
  return kept.jws;
}

/** Signs the next list and pushes it to every device. */
export async function renewRevocations(core: Core, act: Act): Promise<void> {
  const { tx, nowMs } = act;
  const rows = await tx
    .selectFrom("grant")
    .select(["id", "ended_at_ms", "revocation_kind", "ended_why"])
    .where("revocation_kind", "is not", null)
    .where("expires_at_ms", ">", nowMs - KEPT_AFTER_END_MS)
    .orderBy("seq")
    .execute();
  const n = ((await readKept(tx))?.n ?? 0) + 1;
  const list: RevocationsToken = {
    v: 1,
    n,
    iat: Math.floor(nowMs / 1000),
    maxAgeSeconds: core.settings.revocationMaxAgeSeconds,
    revoked: rows.map((row) => ({
      grant: row.id,
      atSeconds: Math.floor((row.ended_at_ms ?? nowMs) / 1000),
      kind: row.revocation_kind ?? "revoked",
      why: (row.ended_why ?? "").slice(0, WHY_CHARACTERS_MAX),
    })),
  };
  const jws = await sealToken(REVOCATIONS_FORM, list, core.key.sealing);
  const value = JSON.stringify({ n, jws } satisfies Kept);
  await tx
    .insertInto("meta")
    .values({ key: META_KEY, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
  act.push({ devices: "all" }, { type: "revocations", jws });
}

async function readKept(tx: Kysely<Tables>): Promise<Kept | undefined> {
  const row = await tx.selectFrom("meta").select("value").where("key", "=", META_KEY).executeTakeFirst();
  if (row === undefined) return undefined;
  const kept: Kept = JSON.parse(row.value);
  return kept;
}
