// Puts a changed policy on the record: what people accepted, and by which rules they were judged, must be known later.

import { createHash } from "node:crypto";
import type { Act } from "./commit.ts";
import type { Core } from "./core.ts";

const META_KEY = "policy";

export async function recordPolicy(core: Core, act: Act): Promise<void> {
  const { version, text, rules } = core.settings.policy;
  const value = createHash("sha256").update(JSON.stringify({ version, text, rules })).digest("hex");
  const before = await act.tx.selectFrom("meta").select("value").where("key", "=", META_KEY).executeTakeFirst();
  if (before?.value === value) return;
  await act.tx
    .insertInto("meta")
    .values({ key: META_KEY, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
  act.record("policy.changed", "policy", { version, sha256: value, rules: rules.map((rule) => rule.id) });
}
