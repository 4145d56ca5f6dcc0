// Appends events to the record, in the transaction of the change that they tell of.

import type { Kysely } from "kysely";
import type { AuditEvent } from "../../domain/audit.ts";
import { CHAIN_START, type ChainPosition, recordOf } from "../../domain/audit-chain.ts";
import type { RootKey } from "../root-key.ts";
import type { Tables } from "../store/tables.ts";

export type NewAuditEvent = Omit<AuditEvent, "n">;

const HEAD = "audit_head";

export async function appendEvents(tx: Kysely<Tables>, events: readonly NewAuditEvent[], key: RootKey): Promise<void> {
  if (events.length === 0) return;
  let position = await readPosition(tx);
  for (const event of events) {
    const numbered: AuditEvent = { n: position.n + 1, ...event };
    const { n, body, hash } = recordOf(numbered, position.hash);
    const { atMs, actor, action, subject } = event;
    await tx.insertInto("audit").values({ n, at_ms: atMs, actor, action, subject, body, hash }).execute();
    position = { n, hash };
  }
  const value = headValue(position, key);
  await tx
    .insertInto("meta")
    .values({ key: HEAD, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

/** Where the record stands. */
export async function readPosition(tx: Kysely<Tables>): Promise<ChainPosition> {
  const last = await tx.selectFrom("audit").select(["n", "hash"]).orderBy("n", "desc").limit(1).executeTakeFirst();
  return last ?? { n: 0, hash: CHAIN_START };
}

/** Whether the signed head, written with the last event, is there and tells of exactly this position. */
export async function headAgrees(tx: Kysely<Tables>, position: ChainPosition, key: RootKey): Promise<boolean> {
  const row = await tx.selectFrom("meta").select("value").where("key", "=", HEAD).executeTakeFirst();
  if (row === undefined) return position.n === 0;
  return row.value === headValue(position, key);
}

/** The signed head as stored. Ed25519 signs the same text always alike, so that it can be compared as text. */
export function headValue({ n, hash }: ChainPosition, key: RootKey): string {
  return JSON.stringify({ n, hash, signature: key.sign(`swarmgate audit head\n${n}\n${hash}`) });
}
