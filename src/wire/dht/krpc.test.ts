import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { encode } from "../bencode/encode.ts";
import { type DhtQuery, type DhtReply, readDhtMessage, writeError, writeQuery, writeReply } from "./krpc.ts";
import { compareDistance, idFitsAddress, idForAddress, sharedBits } from "./node-id.ts";

const ID = new Uint8Array(Buffer.from("abcdefghij0123456789"));
const T = new Uint8Array(Buffer.from("aa"));

test("BEP 5's own examples are read and written", () => {
  const ping = { kind: "query", transaction: T, id: ID, readOnly: false, method: "ping" } as const;
  equal(Buffer.from(writeQuery(ping)).toString(), "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe");
  deepEqual(readDhtMessage(writeQuery(ping)), ping);
  const error = new Uint8Array(Buffer.from("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee"));
  deepEqual(readDhtMessage(error), { kind: "error", transaction: T, code: 201, message: "A Generic Error Ocurred" });
});

test("queries and replies of every kind come back as they were written", () => {
  const about = { kind: "query", transaction: T, id: ID, readOnly: true } as const;
  const queries: DhtQuery[] = [
    { ...about, method: "find_node", target: ID, want: [4, 6] },
    { ...about, method: "get_peers", target: ID, want: [] },
    { ...about, method: "announce_peer", target: ID, token: T, port: 6881 },
    { ...about, method: "announce_peer", target: ID, token: T, port: undefined },
  ];
  for (const query of queries) deepEqual(readDhtMessage(writeQuery(query)), query);
  const v4 = { host: "203.0.113.5", port: 6881 };
  const v6 = { host: "2001:db8::1", port: 6881 };
  const reply: DhtReply = {
    kind: "reply",
    transaction: T,
    id: ID,
    nodes: [
      { id: ID, endpoint: v4 },
      { id: ID, endpoint: v6 },
    ],
    values: [v4, v6],
    token: T,
    seenAs: v4,
  };
  deepEqual(readDhtMessage(writeReply(reply)), reply);
});

test("H68: a short id, port 0 or a missing token is a protocol error", () => {
  const announce = { id: ID, info_hash: ID, port: 6881, token: "x" };
  const cases = [
    { ...announce, id: ID.subarray(1) },
    { ...announce, port: 0 },
    { ...announce, port: 65_536 },
    { ...announce, port: "1" },
    { ...announce, token: undefined },
    { ...announce, info_hash: "short" },
  ];
  for (const a of cases) {
    deepEqual(readDhtMessage(encode({ a, q: "announce_peer", t: T, y: "q" })), {
      kind: "misfit",
      transaction: T,
      error: "protocol",
    });
  }
  const unknown = readDhtMessage(encode({ a: { id: ID }, q: "vote", t: T, y: "q" }));
  deepEqual(unknown, { kind: "misfit", transaction: T, error: "method" });
  equal(Buffer.from(writeError(T, "protocol")).toString(), "d1:eli203e14:Protocol Errore1:t2:aa1:y1:ee");
});

test("H70: a reply with a misaligned list of nodes is dropped", () => {
  for (const length of [1, 25, 27, 51]) {
    equal(readDhtMessage(encode({ r: { id: ID, nodes: new Uint8Array(length) }, t: T, y: "r" })), undefined);
  }
  equal(readDhtMessage(encode({ r: { id: ID, nodes6: new Uint8Array(37) }, t: T, y: "r" })), undefined);
  const values = readDhtMessage(encode({ r: { id: ID, values: ["12345", "123456", 7] }, t: T, y: "r" }));
  truthy(values?.kind === "reply" && values.values.length === 1);
});

test("what is no message is dropped, cut ones too, and nothing throws", () => {
  const golden = writeQuery({
    kind: "query",
    transaction: T,
    id: ID,
    readOnly: false,
    method: "get_peers",
    target: ID,
    want: [4],
  });
  for (let cut = 0; cut < golden.length; cut++) equal(readDhtMessage(golden.subarray(0, cut)), undefined);
  equal(readDhtMessage(encode({ t: "", y: "q" })), undefined);
  equal(readDhtMessage(encode({ t: "x".repeat(33), y: "q" })), undefined);
  equal(readDhtMessage(new Uint8Array(2_000)), undefined);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readDhtMessage(bytes)));
});

test("H74: BEP 42's test vectors fit their addresses and no other", () => {
  const vectors = [
    ["124.31.75.21", "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401"],
    ["21.75.31.124", "5a3ce9c14e7a08645677bbd1cfe7d8f956d53256"],
    ["65.23.51.170", "a5d43220bc8f112a3d426c84764f8c2a1150e616"],
    ["84.124.73.14", "1b0321dd1bb1fe518101ceef99462b947a01ff41"],
    ["43.213.53.83", "e56f6cbf5b7c4be0237986d5243b87aa6d51305a"],
  ] as const;
  for (const [host, hex] of vectors) {
    const id = Buffer.from(hex, "hex");
    equal(idFitsAddress(id, host), true, host);
    equal(idFitsAddress(id, "8.8.8.8"), false, host);
  }
  for (const host of ["124.31.75.21", "2001:db8:1::5"]) equal(idFitsAddress(idForAddress(host, ID), host), true);
});

test("distance is XOR, and shared bits count from the left", () => {
  const near = Buffer.from(ID);
  near[19] = (near[19] ?? 0) ^ 1;
  const far = Buffer.from(ID);
  far[0] = (far[0] ?? 0) ^ 1;
  truthy(compareDistance(ID, near, far) < 0);
  deepEqual([sharedBits(ID, ID), sharedBits(ID, near), sharedBits(ID, far)], [160, 159, 7]);
});
