import assert from "node:assert/strict";
import { test } from "node:test";
import { Value } from "typebox/value";
import { QuarantinePage } from "../../wire/api/v1/verdict.ts";
import { cast, granted } from "../testing/asked.ts";
import { memberOf, testPortal } from "../testing/running-portal.ts";

function entry(entryId: string, grantId: string, change: Readonly<Record<string, unknown>> = {}) {
  const held = { entryId, grantId, fileName: `${entryId}.zip`, bytes: 10, sha256: null, piecesRoot: null };
  return { ...held, state: "held", why: "The scanner has not answered.", heldSinceMs: 1_000, ...change };
}

test("a report replaces what the device reported before, and each sees what they may", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId, requestId } = await granted(people);
  const report = (entries: readonly unknown[]) =>
    people.device.call("PUT", "/api/v1/device/quarantine", { body: { entries } });
  await report([entry("q1", grantId), entry("q2", grantId, { heldSinceMs: 2_000 }), entry("q3", "G-foreign")]);
  const list = async (client = people.member, scope = "mine") => {
    const reply = await client.call("GET", `/api/v1/quarantine?scope=${scope}&limit=1`);
    Value.Assert(QuarantinePage, reply.body);
    return reply.body;
  };
  const first = await list();
  assert.equal(first.total, 2);
  assert.equal(first.entries[0]?.entryId, "q2");
  assert.equal(first.entries[0]?.requestId, requestId);
  const next = await people.member.call("GET", `/api/v1/quarantine?limit=1&cursor=${first.nextCursor ?? ""}`);
  Value.Assert(QuarantinePage, next.body);
  assert.equal(next.body.entries[0]?.entryId, "q1");
  assert.equal(next.body.nextCursor, null);
  await report([entry("q1", grantId, { state: "infected", why: "EICAR" })]);
  const seen = await list(people.reviewer, "all");
  assert.deepEqual(
    seen.entries.map((one) => [one.entryId, one.state, one.why]),
    [["q1", "infected", "EICAR"]],
  );
  const stranger = await portal.person("olga", ["member"]);
  assert.equal((await list(stranger)).total, 0);
});

test("a report that changes nothing is not on the record", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId } = await granted(people);
  const body = { entries: [entry("q1", grantId)] };
  for (let index = 0; index < 3; index++) await people.device.call("PUT", "/api/v1/device/quarantine", { body });
  const record = await people.reviewer.call("GET", "/api/v1/audit?q=quarantine.reported");
  assert.equal(memberOf(record.body, "total"), 1);
});
