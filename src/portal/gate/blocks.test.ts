import assert from "node:assert/strict";
import { test } from "node:test";
import type { GateBlock } from "../../wire/api/v1/gate.ts";
import { cast } from "../testing/asked.ts";
import { type Client, memberOf, type Reply, testPortal } from "../testing/running-portal.ts";
import { BlockBoard } from "./blocks.ts";

const HOUR_MS = 3_600_000;

function block(change: Partial<GateBlock>): GateBlock {
  return {
    address: "10.1.0.7",
    deviceId: null,
    application: "bittorrent",
    treatment: "refused",
    why: { code: "bt.handshake", sentence: "The BitTorrent handshake begins a direction of the flow." },
    rule: "zone campus: block",
    zone: "campus",
    sinceMs: 1,
    lastMs: 2,
    flows: 3,
    packets: 4,
    ...change,
  };
}

const tell = (client: Client, gate: string, ...blocks: readonly GateBlock[]): Promise<Reply> =>
  client.call("PUT", "/api/v1/gate/blocks", { body: { gate, blocks } });

async function shown(client: Client, scope = "mine"): Promise<string[]> {
  const reply = await client.call("GET", `/api/v1/gate/blocks?scope=${scope}`);
  assert.equal(reply.status, 200, reply.text);
  const blocks = memberOf(reply.body, "blocks");
  assert.ok(Array.isArray(blocks));
  return blocks.map((one) => String(memberOf(one, "address")));
}

test("a person learns of the blocks of their devices and of the address they ask from, and of no others", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const officer = await portal.person("olga", ["network-officer"]);
  const told = await tell(
    officer,
    "gate-1",
    block({ address: "10.1.0.1", deviceId: people.device.id }),
    block({ address: "127.0.0.1" }),
    block({ address: "10.1.0.9", deviceId: "D-other" }),
    block({ address: "10.1.0.8" }),
  );
  assert.deepEqual(told.body, { accepted: 4, refused: 0 });
  assert.deepEqual((await shown(people.member)).sort(), ["10.1.0.1", "127.0.0.1"]);
  assert.deepEqual((await shown(people.device)).sort(), ["10.1.0.1", "127.0.0.1"]);
  assert.equal((await shown(officer, "all")).length, 4);
  assert.equal((await people.member.call("GET", "/api/v1/gate/blocks?scope=all")).status, 403);
});

test("an address that the gate gives to a device tells nothing to somebody else who asks from it", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const officer = await portal.person("olga", ["network-officer"]);
  await tell(officer, "gate-1", block({ address: "127.0.0.1", deviceId: people.device.id }));
  assert.deepEqual(await shown(await portal.person("otto", ["member"])), []);
});

test("only who runs a gate reports for one: not a member, a reviewer or a device", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  for (const client of [people.member, people.reviewer, people.device]) {
    assert.equal((await tell(client, "gate-1", block({}))).status, 403);
  }
});

test("a gate's report takes the place of its last one, and is forgotten an hour after it", async (t) => {
  const portal = await testPortal(t);
  const officer = await portal.person("olga", ["network-officer"]);
  await tell(officer, "gate-1", block({ address: "10.1.0.1" }), block({ address: "10.1.0.2" }));
  await tell(officer, "gate-1", block({ address: "10.1.0.3" }));
  await tell(officer, "gate-2", block({ address: "10.1.0.4" }));
  assert.deepEqual((await shown(officer, "all")).sort(), ["10.1.0.3", "10.1.0.4"]);
  portal.advance(HOUR_MS + 1);
  assert.deepEqual(await shown(officer, "all"), []);
});

test("what is too long or of another form is refused whole", async (t) => {
  const portal = await testPortal(t);
  const officer = await portal.person("olga", ["network-officer"]);
  const tooMany = Array.from({ length: 1001 }, () => block({}));
  assert.equal((await tell(officer, "gate-1", ...tooMany)).status, 400);
  assert.equal((await tell(officer, "gate-1", block({ address: "<script>" }))).status, 400);
  assert.deepEqual(await shown(officer, "all"), []);
});

test("more gates than there can be are refused until older ones fall silent", () => {
  const board = new BlockBoard();
  const report = (number: number): boolean => board.take({ gate: `gate-${number}`, blocks: [] }, HOUR_MS);
  for (let number = 0; number < 32; number += 1) assert.equal(report(number), true);
  assert.equal(report(32), false);
  assert.equal(report(5), true);
  assert.equal(board.take({ gate: "gate-32", blocks: [] }, 3 * HOUR_MS), true);
});
