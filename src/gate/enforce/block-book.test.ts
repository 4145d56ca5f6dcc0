import assert from "node:assert/strict";
import { test } from "node:test";
import { GATE_BLOCKS_MAX } from "../../wire/api/v1/gate.ts";
import type { FlowLine } from "../flow-line.ts";
import { WHY } from "../why.ts";
import { BlockBook, insideOf, metKey } from "./block-book.ts";
import { DEFAULT_POLICY, type GatePolicy } from "./policy.ts";

const HOUR_MS = 3_600_000;
const POLICY: GatePolicy = {
  ...DEFAULT_POLICY,
  zones: [
    { name: "campus", networks: ["10.0.0.0/8", "2001:db8::/32"], policy: "block" },
    { name: "residence", networks: ["172.16.0.0/12"], policy: "throttle", kilobytesPerSecond: 10 },
    { name: "lab", networks: ["192.168.0.0/16"], policy: "allow" },
  ],
  devices: { "D-1": { addresses: ["10.0.0.5"] } },
};

function line(change: Partial<FlowLine>): FlowLine {
  const ends = { proto: "tcp", src: "10.0.0.5", srcPort: 40_000, dst: "198.51.100.7", dstPort: 6881 };
  const why = { code: "bt.mse", sentence: WHY["bt.mse"].sentence } as const;
  const counts = { decidedAtPacket: 3, packets: 3, bytes: 900, tunnel: null };
  return { ...ends, application: "bittorrent", confidence: 0.9, why, ...counts, ...change };
}

test("one entry for each address and application: since the first flow, with the newest evidence", () => {
  const book = new BlockBook(POLICY);
  book.refused(line({}), 1000);
  book.refused(line({ why: { code: "bt.handshake", sentence: "x" } }), 2000);
  book.count(new Map([[metKey("bittorrent", "10.0.0.5"), 44]]), 3000);
  assert.deepEqual(book.blocks, [
    {
      address: "10.0.0.5",
      application: "bittorrent",
      treatment: "refused",
      why: { code: "bt.handshake", sentence: "x" },
      rule: "zone campus: block",
      deviceId: "D-1",
      zone: "campus",
      sinceMs: 1000,
      lastMs: 3000,
      flows: 2,
      packets: 44,
    },
  ]);
});

test("the zone's policy says what became of it; who is allowed is not blocked", () => {
  const book = new BlockBook(POLICY);
  book.refused(line({ src: "172.16.0.1" }), 1);
  book.refused(line({ src: "192.168.0.1" }), 1);
  book.refused(line({ src: "198.51.100.7", dst: "203.0.113.1" }), 1);
  assert.deepEqual(
    book.blocks.map((block) => [block.treatment, block.rule]),
    [
      ["throttled", "zone residence: throttle"],
      ["refused", "in no zone: block"],
    ],
  );
});

test("the inside end is the one that the policy names, whichever dialled", () => {
  const ends = (src: string, dst: string): string => insideOf(POLICY, { src, dst });
  assert.equal(ends("198.51.100.7", "10.0.0.5"), "10.0.0.5");
  assert.equal(ends("2001:db8::7", "2620:fe::fe"), "2001:db8::7");
  assert.equal(insideOf(DEFAULT_POLICY, { src: "198.51.100.7", dst: "10.0.0.5" }), "10.0.0.5");
  assert.equal(insideOf(DEFAULT_POLICY, { src: "198.51.100.7", dst: "203.0.113.1" }), "198.51.100.7");
});

test("no stranger's address is in what is told", () => {
  const book = new BlockBook(POLICY);
  book.refused(line({}), 1);
  assert.doesNotMatch(JSON.stringify(book.blocks), /198\.51\.100\.7|6881/);
});

test("what a grant opened is no longer blocked; a limit that is reached blocks it until it no longer is", () => {
  const book = new BlockBook(POLICY);
  const open = { address: "10.0.0.5", application: "bittorrent" } as const;
  book.refused(line({}), 1);
  book.opened([open]);
  assert.equal(book.blocks.length, 0);
  const reached = { key: "device D-1", closes: [open], limitBytes: 5, usedBytes: 5, sentence: "Used up." };
  book.usedUp([reached], 2);
  book.opened([open]);
  assert.deepEqual(
    book.blocks.map((block) => [block.treatment, block.why.sentence]),
    [["over-quota", "Used up."]],
  );
  book.usedUp([], 3);
  assert.deepEqual(book.blocks, []);
});

test("what only the kernel has seen is blocked for it, from the second look on, unless a grant or the zone allows it", () => {
  const book = new BlockBook(POLICY);
  const met = (packets: number): Map<string, number> =>
    new Map(["10.0.0.5", "192.168.0.1", "198.51.100.7"].map((address) => [metKey("emule", address), packets]));
  book.metUnseen(met(3), 1);
  assert.equal(book.blocks.length, 0);
  book.metUnseen(met(3), 2);
  assert.equal(book.blocks.length, 0);
  book.metUnseen(met(5), 3);
  assert.deepEqual(
    book.blocks.map((block) => [block.address, block.why.code, block.rule, block.flows, block.packets]),
    [["10.0.0.5", "kernel.refused", "zone campus: block", 0, 5]],
  );
  book.opened([{ address: "10.0.0.5", application: "emule" }]);
  book.metUnseen(met(9), 4);
  assert.equal(book.blocks.length, 0);
});

test("what was quiet for an hour is forgotten, and a flood of addresses leaves the book as large as it may be", () => {
  const book = new BlockBook(POLICY);
  book.refused(line({}), 0);
  book.count(new Map(), HOUR_MS + 1);
  assert.deepEqual(book.blocks, []);
  for (let at = 0; at < 3 * GATE_BLOCKS_MAX; at += 1) book.refused(line({ src: `10.1.${at >> 8}.${at & 255}` }), at);
  assert.equal(book.blocks.length, GATE_BLOCKS_MAX);
});
