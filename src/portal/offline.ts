// Work on a portal's data folder without its server: checking the record, making accounts.

import { existsSync } from "node:fs";
import { Kysely, type SqliteDatabase, SqliteDialect } from "kysely";
import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { AuditCheckpoint } from "../domain/audit.ts";
import { readPosition } from "./audit/append.ts";
import { readCheckpoints } from "./audit/checkpoint.ts";
import { type AuditFormat, exportAudit } from "./audit/export.ts";
import { type AuditReport, verifyRecord } from "./audit/verify.ts";
import { portalPaths } from "./open.ts";
import { openRootKey, type RootKey } from "./root-key.ts";
import type { Tables } from "./store/tables.ts";

export type ReadDatabase = (path: string) => SqliteDatabase;

/** Opens for reading only: also while the portal runs. */
async function withRecord<T>(
  dataDir: string,
  openDatabase: ReadDatabase,
  run: (database: Kysely<Tables>, key: RootKey) => Promise<T>,
): Promise<Result<T, Failure>> {
  const paths = portalPaths(dataDir);
  if (!existsSync(paths.database)) return err(failure("portal.data_missing", { path: dataDir }));
  const key = openRootKey(paths.rootKey, "refuse");
  if (!key.ok) return key;
  const database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openDatabase(paths.database) }) });
  try {
    return ok(await run(database, key.value));
  } finally {
    await database.destroy();
  }
}

export type RecordCheck = AuditReport & { readonly checkpoints: number };

/** `outside`: a file of checkpoints that was kept elsewhere. */
export async function verifyAudit(
  dataDir: string,
  outside: string | undefined,
  openDatabase: ReadDatabase,
): Promise<Result<RecordCheck, Failure>> {
  const checked = await withRecord(
    dataDir,
    openDatabase,
    async (database, key): Promise<Result<RecordCheck, Failure>> => {
      const checkpoints: AuditCheckpoint[] = [];
      const files = [portalPaths(dataDir).checkpoints, ...(outside === undefined ? [] : [outside])];
      for (const path of files) {
        if (path === outside && !existsSync(path)) return err(failure("cli.file_missing", { path }));
        const file = await readCheckpoints(path, key);
        const [bad] = file.badLines;
        if (bad !== undefined) return damaged(bad, `of the checkpoints in ${path} was not signed by this institution`);
        checkpoints.push(...file.checkpoints);
      }
      const report = await database.transaction().execute((tx) => verifyRecord(tx, key, checkpoints));
      if (report.fault !== undefined) return damaged(report.fault.n, FAULT_WORDS[report.fault.why]);
      return ok({ ...report, checkpoints: checkpoints.length });
    },
  );
  return checked.ok ? checked.value : checked;
}

export function exportRecord(
  dataDir: string,
  format: AuditFormat,
  openDatabase: ReadDatabase,
  write: (text: string) => Promise<void>,
): Promise<Result<undefined, Failure>> {
  return withRecord(dataDir, openDatabase, async (database) => {
    const { n } = await readPosition(database);
    for await (const text of exportAudit(database, format, n)) await write(text);
    return undefined;
  });
}

const FAULT_WORDS: Readonly<Record<NonNullable<AuditReport["fault"]>["why"], string>> = {
  missing: "is missing",
  altered: "or the one before it was altered",
  unreadable: "is not an event",
  index_differs: "is listed under other values than it holds",
  head_differs: "is not the last one that was written: the end was cut off or replaced",
  checkpoint_contradicts: "contradicts a signed checkpoint: the record was cut off or rewritten",
};

function damaged(n: number, detail: string): Result<never, Failure> {
  return err(failure("portal.record_damaged", { n, detail }));
}
