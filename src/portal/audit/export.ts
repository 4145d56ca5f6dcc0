// The whole record as lines: JSON for programs, which can check the chain, or CSV for a spreadsheet.

import type { Kysely } from "kysely";
import { type AuditRecord, eventOf } from "../../domain/audit-chain.ts";
import { csvLine } from "../csv.ts";
import type { AuditTable, Tables } from "../store/tables.ts";

const PAGE_RECORDS = 1_000;

export type AuditFormat = "jsonl" | "csv";

/** Up to record `last`, so that a record which grows meanwhile still ends. */
export async function* exportAudit(
  database: Kysely<Tables>,
  format: AuditFormat,
  last: number,
): AsyncGenerator<string, void> {
  if (format === "csv") yield csvLine(["n", "time", "actor", "action", "subject", "data", "hash"]);
  let after = 0;
  while (after < last) {
    const page = await database
      .selectFrom("audit")
      .selectAll()
      .where("n", ">", after)
      .where("n", "<=", last)
      .orderBy("n")
      .limit(PAGE_RECORDS)
      .execute();
    const end = page.at(-1);
    if (end === undefined) return;
    after = end.n;
    yield page.map(format === "csv" ? csvRecord : jsonRecord).join("");
  }
}

function jsonRecord({ n, body, hash }: AuditTable): string {
  const record: AuditRecord = { n, body, hash };
  return `${JSON.stringify(record)}\n`;
}

function csvRecord(row: AuditTable): string {
  const data = JSON.stringify(eventOf(row.body)?.data ?? {});
  const time = new Date(row.at_ms).toISOString();
  return csvLine([String(row.n), time, row.actor, row.action, row.subject, data, row.hash]);
}
