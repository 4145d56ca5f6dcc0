import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import * as fc from "fast-check";
import { Kysely, SqliteDialect, sql } from "kysely";
import { openSqlite } from "../../world/real/sqlite.ts";
import { verifyAudit } from "../offline.ts";
import { rootKeyOf } from "../root-key.ts";
import { migrate } from "../store/migrations.ts";
import type { AuditTable, Tables } from "../store/tables.ts";
import { memberOf, testPortal } from "../testing/running-portal.ts";
import { appendEvents, readPosition } from "./append.ts";
import { sealCheckpoint } from "./checkpoint.ts";
import { exportAudit } from "./export.ts";
import { verifyRecord } from "./verify.ts";

const key = rootKeyOf(generateKeyPairSync("ed25519").privateKey);

async function recordOf(t: TestContext, count: number): Promise<Kysely<Tables>> {
  const database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openSqlite(":memory:") }) });
  t.after(() => database.destroy());
  await migrate(database);
  for (let index = 0; index < count; index++) {
    const event = { atMs: 1_000 + index, actor: "P-1", action: "request.filed", subject: `R-${index}` } as const;
    await appendEvents(database, [{ ...event, data: { name: `part ${index}`, big: index } }], key);
  }
  return database;
}

function rows(database: Kysely<Tables>): Promise<AuditTable[]> {
  return database.selectFrom("audit").selectAll().orderBy("n").execute();
}

async function replaceRow(database: Kysely<Tables>, n: number, row: AuditTable): Promise<void> {
  await database.deleteFrom("audit").where("n", "=", n).execute();
  await database.insertInto("audit").values(row).execute();
}

async function isWhole(database: Kysely<Tables>): Promise<boolean> {
  return (await verifyRecord(database, key, [])).fault === undefined;
}

test("H152: a change of any single byte of any stored record is found", async (t) => {
  const database = await recordOf(t, 6);
  assert.ok(await isWhole(database));
  let tried = 0;
  for (const row of await rows(database)) {
    for (const column of ["body", "hash", "actor", "action", "subject"] as const) {
      const bytes = Buffer.from(row[column]);
      for (let at = 0; at < bytes.length; at++) {
        const changed = Buffer.from(bytes);
        changed[at] = (bytes[at] ?? 0) ^ 1;
        await sql`update audit set ${sql.ref(column)} = ${changed.toString()} where n = ${row.n}`.execute(database);
        assert.equal(await isWhole(database), false, `record ${row.n}, ${column}, byte ${at}`);
        tried++;
      }
      await sql`update audit set ${sql.ref(column)} = ${row[column]} where n = ${row.n}`.execute(database);
    }
    await sql`update audit set at_ms = at_ms + 1 where n = ${row.n}`.execute(database);
    assert.equal(await isWhole(database), false);
    await sql`update audit set at_ms = at_ms - 1 where n = ${row.n}`.execute(database);
  }
  assert.ok(tried > 1_000);
  assert.ok(await isWhole(database));
});

test("H152: every record that is cut out, and every tail that is cut off, is found", async (t) => {
  const database = await recordOf(t, 6);
  for (const row of await rows(database)) {
    await database.deleteFrom("audit").where("n", "=", row.n).execute();
    assert.equal(await isWhole(database), false, `without ${row.n}`);
    await database.insertInto("audit").values(row).execute();
  }
  for (const [index, row] of (await rows(database)).toReversed().entries()) {
    await database.deleteFrom("audit").where("n", "=", row.n).execute();
    assert.equal(await isWhole(database), false, `${index + 1} cut off`);
  }
});

test("H152: any two records that change places are found", async (t) => {
  const database = await recordOf(t, 6);
  const all = await rows(database);
  for (const first of all) {
    for (const second of all.slice(first.n)) {
      await replaceRow(database, first.n, { ...second, n: first.n });
      await replaceRow(database, second.n, { ...first, n: second.n });
      assert.equal(await isWhole(database), false);
      await replaceRow(database, first.n, first);
      await replaceRow(database, second.n, second);
    }
  }
  assert.ok(await isWhole(database));
});

test("H152: a rewritten or forked record that is whole in itself contradicts an outside checkpoint", async (t) => {
  const database = await recordOf(t, 4);
  const position = await readPosition(database);
  const checkpoint = { v: 1, ...position, iat: 1 } as const;
  assert.equal((await verifyRecord(database, key, [checkpoint])).fault, undefined);
  const forked = await recordOf(t, 3);
  const event = { atMs: 9, actor: "P-2", action: "request.filed", subject: "R-9", data: {} } as const;
  await appendEvents(forked, [event, event], key);
  assert.ok(await isWhole(forked));
  assert.equal((await verifyRecord(forked, key, [checkpoint])).fault?.why, "checkpoint_contradicts");
  const short = await recordOf(t, 3);
  assert.ok(await isWhole(short));
  assert.equal((await verifyRecord(short, key, [checkpoint])).fault?.why, "checkpoint_contradicts");
});

test("whatever is recorded is whole, and whatever is edited is not", async (t) => {
  const text = fc.string({ unit: "grapheme", maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), fc.nat(), text, async (names, at, other) => {
      const database = await recordOf(t, 0);
      const events = names.map((name, index) => ({
        atMs: index,
        actor: "portal",
        action: "request.filed" as const,
        subject: name,
        data: { name },
      }));
      await appendEvents(database, events, key);
      assert.ok(await isWhole(database));
      const n = (at % names.length) + 1;
      fc.pre(names[n - 1] !== other);
      await sql`update audit set subject = ${other} where n = ${n}`.execute(database);
      assert.equal(await isWhole(database), false);
    }),
    { numRuns: 30 },
  );
});

test("the running portal's record verifies offline, and fails after one byte was changed", async (t) => {
  const portal = await testPortal(t);
  await portal.person("mia", ["member"]);
  const read = (path: string) => openSqlite(path, "read");
  const whole = await verifyAudit(portal.dataDir, undefined, read);
  assert.ok(whole.ok && whole.value.records >= 3);
  await portal.running.close();
  const closed = await verifyAudit(portal.dataDir, undefined, read);
  assert.equal(closed.ok && closed.value.checkpoints, 1);
  const path = join(portal.dataDir, "portal", "portal.db");
  const file = readFileSync(path);
  const at = file.indexOf(Buffer.from('"session.opened"'));
  assert.ok(at > 0);
  file[at + 3] = (file[at + 3] ?? 0) ^ 1;
  writeFileSync(path, file);
  const changed = await verifyAudit(portal.dataDir, undefined, read);
  assert.equal(changed.ok ? "whole" : changed.error.code, "portal.record_damaged");
});

test("H152: a data folder put back to an older copy contradicts a checkpoint that was kept elsewhere", async (t) => {
  const portal = await testPortal(t);
  await portal.person("mia", ["member"]);
  const auditor = await portal.person("rolf", ["reviewer"]);
  const checkpoint = await auditor.call("GET", "/api/v1/audit/checkpoint");
  const folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const outside = join(folder, "outside.jsonl");
  writeFileSync(outside, `${String(memberOf(checkpoint.body, "jws"))}\n`);
  const read = (path: string) => openSqlite(path, "read");
  assert.ok((await verifyAudit(portal.dataDir, outside, read)).ok);
  await portal.running.close();
  const database = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: openSqlite(join(portal.dataDir, "portal", "portal.db")) }),
  });
  await database.deleteFrom("audit").execute();
  await database.deleteFrom("meta").where("key", "=", "audit_head").execute();
  await database.destroy();
  rmSync(join(portal.dataDir, "portal", "audit-checkpoints.jsonl"));
  assert.ok((await verifyAudit(portal.dataDir, undefined, read)).ok, "an emptied folder looks new from the inside");
  const caught = await verifyAudit(portal.dataDir, outside, read);
  assert.equal(caught.ok ? "whole" : caught.error.code, "portal.record_damaged");
  writeFileSync(outside, "not a checkpoint\n");
  const forged = await verifyAudit(portal.dataDir, outside, read);
  assert.equal(forged.ok ? "whole" : forged.error.code, "portal.record_damaged");
});

test("a checkpoint of another institution is not believed", async () => {
  const other = rootKeyOf(generateKeyPairSync("ed25519").privateKey);
  const jws = await sealCheckpoint({ n: 1, hash: "0".repeat(64) }, other, 1_000);
  const folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
  const path = join(folder, "c.jsonl");
  writeFileSync(path, `${jws}\n`);
  const { readCheckpoints } = await import("./checkpoint.ts");
  assert.deepEqual((await readCheckpoints(path, key)).badLines, [1]);
  rmSync(folder, { recursive: true });
});

test("the export holds every record with its hash, and CSV neutralises formulas (H167)", async (t) => {
  const database = await recordOf(t, 2);
  const event = { atMs: 5, actor: "P-1", action: "request.filed", subject: "=HYPERLINK(1)", data: {} } as const;
  await appendEvents(database, [event], key);
  const jsonl = (await Array.fromAsync(exportAudit(database, "jsonl", 3))).join("");
  const lines = jsonl.trimEnd().split("\n");
  assert.equal(lines.length, 3);
  const stored = await rows(database);
  assert.deepEqual(
    lines.map((line) => memberOf(JSON.parse(line), "hash")),
    stored.map((row) => row.hash),
  );
  const csv = (await Array.fromAsync(exportAudit(database, "csv", 3))).join("");
  assert.match(csv, /"'=HYPERLINK\(1\)"/);
});
