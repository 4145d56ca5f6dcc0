// The node's database: everything that must survive a kill stands here, each change in one transaction.

import { join } from "node:path";
import type { SqliteDatabase } from "kysely";
import { makePrivateFolder } from "../../world/real/folders.ts";
import { openSqlite } from "../../world/real/sqlite.ts";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS enrolment (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  device_id TEXT NOT NULL, person_id TEXT NOT NULL, person_name TEXT NOT NULL, institution TEXT NOT NULL,
  portal_url TEXT NOT NULL, root_key TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS granted (
  grant_id TEXT PRIMARY KEY, jws TEXT NOT NULL, request_id TEXT NOT NULL, torrent_id TEXT, received_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS dropped (grant_id TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS asked (
  request_id TEXT PRIMARY KEY, url TEXT NOT NULL, out_dir TEXT, info_hash TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS transfer (
  id TEXT PRIMARY KEY, request_id TEXT NOT NULL, name TEXT NOT NULL, info_hash TEXT NOT NULL, torrent BLOB, magnet TEXT,
  out_dir TEXT, library_path TEXT, phase TEXT NOT NULL, bytes_done INTEGER NOT NULL, bytes_total INTEGER,
  created_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS file (
  entry_id TEXT PRIMARY KEY, transfer_id TEXT NOT NULL REFERENCES transfer(id) ON DELETE CASCADE,
  file_index INTEGER NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL, pieces_root TEXT, opaque TEXT NOT NULL,
  state TEXT NOT NULL, sha256 TEXT, verdict TEXT, engines TEXT, library_path TEXT, since_ms INTEGER NOT NULL,
  told INTEGER NOT NULL DEFAULT 0, UNIQUE (transfer_id, file_index)
) STRICT;
CREATE TABLE IF NOT EXISTS verdict (
  sha256 TEXT NOT NULL, extension TEXT NOT NULL, engines TEXT NOT NULL, verdict TEXT NOT NULL,
  PRIMARY KEY (sha256, extension, engines)
) STRICT;
`;

export class NodeDatabase implements Disposable {
  readonly #database: SqliteDatabase;

  /** Throws what SQLite throws; a new folder is made for its owner alone. */
  constructor(folder: string) {
    makePrivateFolder(folder);
    this.#database = openSqlite(join(folder, "node.db"));
    for (const statement of SCHEMA.split(";").filter((text) => text.trim() !== "")) {
      this.#database.prepare(statement).run([]);
    }
  }

  rows(sql: string, ...parameters: readonly unknown[]): Row[] {
    return this.#database.prepare(sql).all([...parameters]) as Row[];
  }

  row(sql: string, ...parameters: readonly unknown[]): Row | undefined {
    return this.rows(sql, ...parameters)[0];
  }

  run(sql: string, ...parameters: readonly unknown[]): void {
    this.#database.prepare(sql).run([...parameters]);
  }

  /** All of it or nothing of it. The callback must not await. */
  transaction(step: () => void): void {
    this.run("BEGIN IMMEDIATE");
    try {
      step();
    } catch (thrown) {
      this.run("ROLLBACK");
      throw thrown;
    }
    this.run("COMMIT");
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

export type Row = Readonly<Record<string, string | number | bigint | Uint8Array | null>>;

export function text(row: Row, column: string): string {
  return String(row[column]);
}

export function textOrNull(row: Row, column: string): string | undefined {
  const value = row[column];
  return typeof value === "string" ? value : undefined;
}

export function number(row: Row, column: string): number {
  return Number(row[column]);
}
