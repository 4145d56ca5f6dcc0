// Node's own SQLite in the shape that kysely's SqliteDialect takes. Durable on commit: WAL with a sync each time.

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";
import { assert } from "../../base/assert.ts";

/** Compiled statements that are kept; the queries of a plane are a fixed set that is smaller than this. */
const STATEMENTS_MAX = 1_000;

export type SqliteAccess = "write" | "read";

/** Throws what SQLite throws: no permission, not a database, disk full. */
export function openSqlite(path: string, access: SqliteAccess = "write"): SqliteDatabase {
  const database = new DatabaseSync(path, { readOnly: access === "read" });
  database.exec("PRAGMA busy_timeout = 5000");
  if (access === "write") {
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    database.exec("PRAGMA foreign_keys = ON");
  }
  database.exec("PRAGMA cache_size = -65536");
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql): SqliteStatement {
      const kept = statements.get(sql);
      if (kept !== undefined) return kept;
      if (statements.size >= STATEMENTS_MAX) statements.clear();
      const made = statement(database.prepare(sql));
      statements.set(sql, made);
      return made;
    },
  };
}

function statement(prepared: StatementSync): SqliteStatement {
  return {
    reader: prepared.columns().length > 0,
    all: (parameters) => prepared.all(...parameters.map(inputValue)),
    run: (parameters) => prepared.run(...parameters.map(inputValue)),
    iterate: (parameters) => prepared.iterate(...parameters.map(inputValue)),
  };
}

function inputValue(value: unknown): SQLInputValue {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint") {
    return value;
  }
  assert(value instanceof Uint8Array, `a ${typeof value} is no value for a database`);
  return value;
}
