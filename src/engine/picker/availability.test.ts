import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Availability } from "./availability.ts";
import { Bitfield } from "./bitfield.ts";

const PIECES = 4;

function having(...pieces: number[]): Bitfield {
  const field = new Bitfield(PIECES);
  for (const piece of pieces) field.set(piece);
  return field;
}

const copies = (own: Availability) => Array.from({ length: PIECES }, (_, piece) => own.of(piece));

test("copies are counted of seeds and of others, and go with whoever leaves", () => {
  const own = new Availability(PIECES);
  own.peerCame(having(0, 1, 2, 3));
  own.peerCame(having(1));
  deepEqual(copies(own), [1, 2, 1, 1]);
  own.peerWent(having(0, 1, 2, 3));
  deepEqual(copies(own), [0, 1, 0, 0]);
  own.peerWent(having(1));
  deepEqual(copies(own), [0, 0, 0, 0]);
});

test("a peer that becomes a seed, and one that is a seed no more, count once for each piece", () => {
  const own = new Availability(PIECES);
  const has = having(0, 1, 2);
  own.peerCame(has);
  has.set(3);
  own.peerGot(3, has);
  deepEqual(copies(own), [1, 1, 1, 1]);
  has.clear(2);
  own.peerLost(2, has);
  deepEqual(copies(own), [1, 1, 0, 1]);
  own.peerWent(has);
  deepEqual(copies(own), [0, 0, 0, 0]);
});

test("the first copy of a piece is as much news as one of each", () => {
  const own = new Availability(PIECES);
  own.peerGot(2, having(2));
  equal(own.news, PIECES);
  own.peerGot(2, having(2));
  equal(own.news, PIECES + 1);
  own.takeNews();
  equal(own.news, 0);
});
