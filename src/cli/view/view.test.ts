import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { bar, pieceMap } from "./bar.ts";
import { peerTable } from "./peer-table.ts";
import { clip, fit, widthOf, wrap } from "./text-width.ts";

const PEER = { address: "10.0.0.1:6881", client: "x", transport: "tcp", share: 1, rateDown: 0, rateUp: 0, note: "" };

test("a bar is full only when everything is here", () => {
  equal(bar(0, 0, 4), "░░░░");
  equal(bar(999, 1000, 4), "███░");
  equal(bar(1000, 1000, 4), "████");
});

test("each cell of a map stands for one piece while there is room", () => {
  deepEqual(pieceMap(Uint8Array.of(0b1010_0000), 4, 10, 3), ["█·█·"]);
  deepEqual(pieceMap(Uint8Array.of(0b1010_0000), 4, 3, 2), ["█·█", "·"]);
});

test("a cell of many pieces is whole or empty only if all of them are", () => {
  const bits = new Uint8Array(125).fill(0xff);
  deepEqual(pieceMap(bits, 1000, 10, 1), ["██████████"]);
  bits[0] = 0x7f;
  deepEqual(pieceMap(bits, 1000, 10, 1), ["▓█████████"]);
  bits.fill(0);
  bits[124] = 1;
  deepEqual(pieceMap(bits, 1000, 10, 1), ["·········░"]);
});

test("a torrent without pieces has an empty map", () => {
  deepEqual(pieceMap(new Uint8Array(0), 0, 10, 3), []);
});

test("wide characters count two cells, marks none, and nothing is cut in half", () => {
  equal(widthOf("日本"), 4);
  equal(widthOf("e\u0301"), 1);
  equal(clip("日本語", 5), "日本…");
  equal(clip("abc", 3), "abc");
  equal(clip("abc", 0), "");
  equal(fit("日", 4), "日  ");
});

test("a sentence is broken between words and cut in its last line", () => {
  deepEqual(wrap("none has the missing pieces", 12, 3), ["none has the", "missing", "pieces"]);
  deepEqual(wrap("none has the missing pieces", 12, 2), ["none has the", "missing pie…"]);
  deepEqual(wrap("unbreakable", 5, 3), ["unbr…"]);
});

test("peers beyond the room are counted, the busiest are shown first", () => {
  const peers = [1, 2, 3].map((n) => ({ ...PEER, address: `10.0.0.${n}:6881`, rateDown: n }));
  const lines = peerTable(peers, 100, 2);
  truthy(lines[0]?.startsWith("10.0.0.3:6881"));
  equal(lines[1], "and 2 more peers");
  deepEqual(peerTable(peers, 100, 0), []);
});

test("a peer's name moves no cursor and breaks no line", () => {
  const [line] = peerTable([{ ...PEER, client: "\u001b[2J\u202eevil\r\n\u2028" }], 100, 5);
  truthy(line !== undefined && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line), line);
});
