// Node's own SQLite in the shape that kysely's SqliteDialect takes. Durable on commit: WAL with a sync each time. When the
// disk is full it goes on for a while with what was set aside.

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";
import { assert } from "../../base/assert.ts";
import { SpaceReserve } from "./space-reserve.ts";

/** Compiled statements that are kept; the queries of a plane are a fixed set that is smaller than this. */
const STATEMENTS_MAX = 1_000;

export type SqliteAccess = "write" | "read";

/** SQLITE_FULL, of sqlite3.h. */
const FULL = 13;
const IN_MEMORY = ":memory:";

/** Throws what SQLite throws: no permission, not a database, disk full when the reserve is used up. */
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
  const reserve = access === "read" || path === IN_MEMORY ? undefined : new SpaceReserve(`${path}.reserve`);
  return {
    close: () => database.close(),
    prepare(sql): SqliteStatement {
      const kept = statements.get(sql);
      if (kept !== undefined) return kept;
      if (statements.size >= STATEMENTS_MAX) statements.clear();
      const made = statement(database, database.prepare(sql), reserve);
      statements.set(sql, made);
      return made;
    },
  };
}

function statement(
  database: DatabaseSync,
  prepared: StatementSync,
  reserve: SpaceReserve | undefined,
): SqliteStatement {
  /** Once more with the reserve's room, unless SQLite has rolled back what the statement was part of. */
  const written = <T>(step: () => T): T => {
    const { isTransaction } = database;
    try {
      const result = step();
      reserve?.keep();
      return result;
    } catch (thrown) {
      if (!isFull(thrown) || reserve?.give() !== true || database.isTransaction !== isTransaction) throw thrown;
      return step();
    }
  };
  return {
    reader: prepared.columns().length > 0,
    all: (parameters) => written(() => prepared.all(...parameters.map(inputValue))),
    run: (parameters) => written(() => prepared.run(...parameters.map(inputValue))),
    iterate: (parameters) => prepared.iterate(...parameters.map(inputValue)),
  };
}

function isFull(thrown: unknown): boolean {
  return thrown instanceof Error && "errcode" in thrown && thrown.errcode === FULL;
}

function inputValue(value: unknown): SQLInputValue {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint") {
    return value;
  }
  assert(value instanceof Uint8Array, `a ${typeof value} is no value for a database`);
  return value;
}
