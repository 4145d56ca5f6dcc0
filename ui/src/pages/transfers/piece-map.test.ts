import assert from "node:assert/strict";
import { test } from "node:test";
import { pieceCells, piecesHad } from "./piece-map.ts";

const bitmap = (...bytes: number[]): string => Buffer.from(bytes).toString("base64");

test("the high bit is the first piece, and spare bits do not count", () => {
  assert.deepEqual(
    pieceCells(bitmap(0b1010_0000), 3, 100).map(({ have }) => have),
    [1, 0, 1],
  );
  assert.equal(piecesHad(bitmap(0b1110_1111), 4), 3);
});

test("with more pieces than cells, each cell is the part that is there", () => {
  assert.deepEqual(
    pieceCells(bitmap(0b1111_1100, 0), 16, 4).map(({ have }) => have),
    [1, 0.5, 0, 0],
  );
});

test("a bitmap that is too short is missing the rest", () => {
  assert.deepEqual(
    pieceCells("", 2, 10).map(({ have }) => have),
    [0, 0],
  );
});
