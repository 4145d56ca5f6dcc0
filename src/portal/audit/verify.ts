// Reads the whole record and proves that it is what was written: offline, from the data folder alone.

import { type Kysely, sql } from "kysely";
import type { AuditCheckpoint } from "../../domain/audit.ts";
import { CHAIN_START, type ChainPosition, checkRecord, eventOf } from "../../domain/audit-chain.ts";
import type { RootKey } from "../root-key.ts";
import type { AuditTable, Tables } from "../store/tables.ts";
import { headAgrees } from "./append.ts";

const PAGE_RECORDS = 2_000;

export type AuditFault = {
  readonly why: "missing" | "altered" | "unreadable" | "index_differs" | "head_differs" | "checkpoint_contradicts";
  /** The record at which it shows. */
  readonly n: number;
};

export type AuditReport = { readonly records: number; readonly hash: string; readonly fault: AuditFault | undefined };

/** The first fault ends it: after it nothing can be said. Call inside a transaction, so that the record stands still. */
export async function verifyRecord(
  tx: Kysely<Tables>,
  key: RootKey,
  checkpoints: readonly AuditCheckpoint[],
): Promise<AuditReport> {
  let position: ChainPosition = { n: 0, hash: CHAIN_START };
  const expected = new Map<number, Set<string>>();
  for (const { n, hash } of checkpoints) expected.set(n, (expected.get(n) ?? new Set()).add(hash));
  const report = (why: AuditFault["why"], n: number): AuditReport => ({
    records: position.n,
    hash: position.hash,
    fault: { why, n },
  });
  // Rows are counted too: a row whose number was changed to a non-number would not be paged over.
  const total = await sql<{ count: number }>`select count(*) as count from audit`.execute(tx);
  for (;;) {
    const page = await tx
      .selectFrom("audit")
      .selectAll()
      .where("n", ">", position.n)
      .orderBy("n")
      .limit(PAGE_RECORDS)
      .execute();
    for (const row of page) {
      const fault = checkRecord(position, row);
      if (fault !== undefined) return report(fault.why, fault.n);
      if (!columnsAgree(row)) return report("index_differs", row.n);
      position = { n: row.n, hash: row.hash };
      if (contradicts(expected, position)) return report("checkpoint_contradicts", row.n);
    }
    if (page.length < PAGE_RECORDS) break;
  }
  if (total.rows[0]?.count !== position.n) return report("missing", position.n + 1);
  if (!(await headAgrees(tx, position, key))) return report("head_differs", position.n);
  const beyond = checkpoints.find((checkpoint) => checkpoint.n > position.n);
  if (beyond !== undefined) return report("checkpoint_contradicts", beyond.n);
  return { records: position.n, hash: position.hash, fault: undefined };
}

function contradicts(expected: ReadonlyMap<number, ReadonlySet<string>>, position: ChainPosition): boolean {
  const hashes = expected.get(position.n);
  return hashes !== undefined && (hashes.size > 1 || !hashes.has(position.hash));
}

// The columns exist for searching; they must tell the same as the body that was hashed.
function columnsAgree(row: AuditTable): boolean {
  const event = eventOf(row.body);
  return (
    event !== undefined &&
    event.atMs === row.at_ms &&
    event.actor === row.actor &&
    event.action === row.action &&
    event.subject === row.subject
  );
}
