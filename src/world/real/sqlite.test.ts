import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Kysely, SqliteDialect, sql } from "kysely";
import { lockFolder } from "./folder-lock.ts";
import { openSqlite } from "./sqlite.ts";

type Tables = { note: { id: number; text: string } };

test("what was committed is there after closing, what was rolled back is not", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sqlite-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a.db");
  const first = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openSqlite(path) }) });
  await sql`create table note (id integer primary key, text text not null)`.execute(first);
  await first.insertInto("note").values({ id: 1, text: "kept" }).execute();
  await assert.rejects(
    first.transaction().execute(async (tx) => {
      await tx.insertInto("note").values({ id: 2, text: "lost" }).execute();
      throw new Error("undone");
    }),
  );
  await first.destroy();
  const second = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openSqlite(path, "read") }) });
  const kept = await second.selectFrom("note").select("text").execute();
  assert.deepEqual(
    kept.map((row) => row.text),
    ["kept"],
  );
  await assert.rejects(second.insertInto("note").values({ id: 3, text: "never" }).execute(), /readonly/);
  await second.destroy();
});

test("two transactions at once follow each other", async () => {
  const database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openSqlite(":memory:") }) });
  await sql`create table note (id integer primary key, text text not null)`.execute(database);
  const append = () =>
    database.transaction().execute(async (tx) => {
      const { count } = await tx
        .selectFrom("note")
        .select((query) => query.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      await new Promise((resolve) => setImmediate(resolve));
      await tx.insertInto("note").values({ id: count, text: "" }).execute();
    });
  await Promise.all(Array.from({ length: 20 }, append));
  assert.equal((await database.selectFrom("note").selectAll().execute()).length, 20);
  await database.destroy();
});

test("H150: a locked folder is refused until it is released", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "lock");
  const held = lockFolder(path);
  assert.ok(held);
  assert.equal(lockFolder(path), undefined);
  held.release();
  held.release();
  using again = lockFolder(path);
  assert.ok(again);
});
