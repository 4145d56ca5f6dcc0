import assert from "node:assert/strict";
import { test } from "node:test";
import type { MonotonicMs } from "../../world/clock.ts";
import { Bitfield } from "../picker/bitfield.ts";
import { type Asker, ServingLine } from "./serving-line.ts";

const PIECE_BYTES = 64 * 1024;
const at = (ms: number) => ms as MonotonicMs;

function asker(id: number, pieces: readonly number[], held = 0): Asker {
  const has = new Bitfield(40);
  for (let piece = 0; piece < held; piece++) has.set(piece);
  const requestsIn = pieces.map((piece) => ({ piece, beginBytes: 0, lengthBytes: PIECE_BYTES }));
  return { id, has, closed: false, requestsIn };
}

const line = (copies: (piece: number) => number = () => 1) => new ServingLine<Asker>(PIECE_BYTES, copies);
const order = (own: ServingLine<Asker>, askers: readonly Asker[]) => own.turns(askers).map(({ piece }) => piece);

test("what the fewest have leaves first, and of equals what goes to whoever holds least", () => {
  const copies = new Map([
    [10, 5],
    [11, 1],
    [12, 1],
  ]);
  const own = line((piece) => copies.get(piece) ?? 0);
  assert.deepEqual(order(own, [asker(1, [10]), asker(2, [11], 3), asker(3, [12], 1)]), [12, 11, 10]);
});

test("what waits is told in the order in which it would leave, without what is leaving", () => {
  const own = line((piece) => piece);
  const [first, second] = [asker(1, [12, 10]), asker(2, [11])];
  own.left(first, 10, PIECE_BYTES, at(0));
  assert.deepEqual(
    own.waiting([first, second]).map(({ piece }) => piece),
    [11, 12],
  );
});

test("while a stream has not taken a piece, none leaves for another peer, and the peer served goes on", () => {
  const own = line();
  const [served, waiting] = [asker(1, [10]), asker(2, [11])];
  own.left(served, 10, PIECE_BYTES, at(0));
  assert.deepEqual(order(own, [served, waiting]), [10]);
  own.taken(served, PIECE_BYTES);
  assert.deepEqual(order(own, [served, waiting]), [10, 11]);
});

test("no more pieces are under way than the line holds, until takers say that theirs have arrived", () => {
  const own = line();
  const takers = Array.from({ length: 12 }, (_, n) => asker(n, []));
  for (const taker of takers) {
    own.left(taker, 10, PIECE_BYTES, at(0));
    own.taken(taker, PIECE_BYTES);
  }
  const waiting = asker(99, [11]);
  assert.deepEqual(order(own, [waiting]), []);
  const [first] = takers;
  assert.ok(first);
  own.arrived(first, 10, at(50));
  assert.deepEqual(order(own, [waiting]), [11]);
});

test("a taker that stalls is given up after two seconds, and what it takes later changes nothing", () => {
  const own = line();
  const [stalled, waiting] = [asker(1, []), asker(2, [11])];
  own.left(stalled, 10, PIECE_BYTES, at(0));
  own.tick(at(2_000));
  assert.deepEqual(order(own, [waiting]), []);
  own.tick(at(2_001));
  assert.deepEqual(order(own, [waiting]), [11]);
  own.taken(stalled, PIECE_BYTES);
  own.left(waiting, 11, PIECE_BYTES, at(2_002));
  assert.deepEqual(order(own, [asker(3, [12])]), []);
});

test("a taker that leaves takes what was on its way to it out of the line", () => {
  const own = line();
  const [gone, waiting] = [asker(1, []), asker(2, [11])];
  own.left(gone, 10, PIECE_BYTES, at(0));
  own.forget(gone);
  assert.deepEqual(order(own, [waiting]), [11]);
});

test("a peer of other habits, which never tells, is known to have received when it asks for more", () => {
  const own = line();
  const other = asker(1, []);
  for (let piece = 0; piece < 12; piece++) {
    own.left(other, piece, PIECE_BYTES, at(0));
    own.taken(other, PIECE_BYTES);
  }
  const waiting = asker(2, [20]);
  assert.deepEqual(order(own, [waiting]), []);
  own.askedMore(other, PIECE_BYTES / 2, at(30));
  own.askedMore(other, PIECE_BYTES / 2, at(40));
  assert.deepEqual(order(own, [waiting]), [20]);
});
