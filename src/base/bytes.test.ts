import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { asBuffer, copyBytes } from "./bytes.ts";

const source = Buffer.from([1, 2, 3, 4, 5]);

for (const [from, to] of [
  [0, 5],
  [0, 4],
  [1, 5],
  [2, 3],
  [0, 0],
  [5, 5],
] as const) {
  test(`bytes ${from} to ${to} of five are copied to their place, into shared memory too, and nothing around it`, () => {
    for (const memory of [new ArrayBuffer(9), new SharedArrayBuffer(9)]) {
      const target = Buffer.from(memory);
      copyBytes(source, from, to, target, 2);
      deepEqual([...target], [0, 0, ...source.subarray(from, to), ...new Uint8Array(7 - (to - from))]);
    }
  });
}

test("a Buffer is its own Buffer, and any other array shares its memory with one", () => {
  equal(asBuffer(source), source);
  const array = Uint8Array.from([7, 8, 9]).subarray(1);
  const buffer = asBuffer(array);
  buffer[0] = 1;
  deepEqual([...array], [1, 9]);
});
