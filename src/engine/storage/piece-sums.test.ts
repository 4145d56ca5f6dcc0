import { equal } from "node:assert/strict";
import { test } from "node:test";
import { array, assert, integer, nat, property, tuple } from "fast-check";
import { seededBytes } from "../../../tests/lab/content.ts";
import { PieceSums, SUM_KEY_BYTES } from "./piece-sums.ts";

const KEY = new Uint8Array(SUM_KEY_BYTES).fill(7);
const PIECE_BYTES = 40_000;

function cut(bytes: Uint8Array, ...places: readonly number[]): Uint8Array[] {
  const ends = [...places, bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, n) => bytes.subarray(n === 0 ? 0 : ends[n - 1], end));
}

test("H147: no flipped bit, no change of several bytes and no shift passes for the piece that was remembered", () => {
  const bytes = seededBytes("sums", PIECE_BYTES);
  const sums = new PieceSums(3, KEY);
  sums.remember(1, [bytes]);
  const place = nat({ max: PIECE_BYTES - 1 });
  const flips = array(tuple(place, integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 });
  assert(
    property(flips, (changes) => {
      const rotten = Uint8Array.from(bytes);
      for (const [at, mask] of changes) rotten[at] = (rotten[at] ?? 0) ^ mask;
      return sums.isAsRemembered(1, [rotten]) === (Buffer.compare(rotten, bytes) === 0);
    }),
    { numRuns: 300 },
  );
  equal(sums.isAsRemembered(1, [bytes.subarray(1), bytes.subarray(0, 1)]), false);
  equal(sums.isAsRemembered(1, [bytes.subarray(0, -1)]), false);
  equal(sums.isAsRemembered(1, [bytes]), true);
});

test("where the bytes are cut into views does not matter", () => {
  const bytes = seededBytes("sums", PIECE_BYTES);
  const sums = new PieceSums(1, KEY);
  sums.remember(0, cut(bytes, 16_384, 32_768));
  const places = array(nat({ max: PIECE_BYTES }), { maxLength: 5 });
  assert(property(places, (chosen) => sums.isAsRemembered(0, cut(bytes, ...chosen))));
});

test("a piece that was never remembered is unknown, whatever its bytes", () => {
  const sums = new PieceSums(2, KEY);
  equal(sums.isAsRemembered(0, []), false);
  sums.remember(0, [Uint8Array.of(1)]);
  equal(sums.isAsRemembered(1, [Uint8Array.of(1)]), false);
});
