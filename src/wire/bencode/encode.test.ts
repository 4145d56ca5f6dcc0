import { equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { type BencodeInput, encode } from "./encode.ts";
import { keyOf } from "./value.ts";

function text(value: BencodeInput): string {
  return Buffer.from(encode(value)).toString("latin1");
}

test("keys are written in the order of their bytes", () => {
  equal(text({ b: 1, a: "x", "a b": [] }), "d1:a1:x3:a ble1:bi1ee");
  const names = new Map([
    [keyOf("\u{10000}"), 1],
    [keyOf("\u{FFFF}"), 2],
  ]);
  equal(text(names), "d3:\xef\xbf\xbfi2e4:\xf0\x90\x80\x80i1ee");
});

test("entries that are undefined are left out", () => equal(text({ a: undefined, b: 0 }), "d1:bi0ee"));

test("minus zero is written as zero", () => equal(text(-0), "i0e"));

test("a number that is not an exact integer is a bug, and crashes", () => {
  for (const wrong of [0.5, Number.NaN, 2 ** 53]) throws(() => encode(wrong));
});
