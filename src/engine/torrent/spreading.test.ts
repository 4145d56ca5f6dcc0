import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerMessage } from "../../wire/peer/format.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import { Bitfield } from "../picker/bitfield.ts";
import { Spreading } from "./spreading.ts";

const PIECES = 40;
const PIECE_BYTES = 1_000;
const at = (ms: number) => ms as MonotonicMs;

function taker() {
  const told: number[] = [];
  const has = new Bitfield(PIECES);
  const message = (one: PeerMessage) => {
    if (one.type === "have") told.push(one.piece);
  };
  return { has, closed: false, told, out: { message } };
}

test("a few pieces are shown at first, each to one peer, and none twice", () => {
  const spreading = new Spreading(PIECES, PIECE_BYTES);
  const takers = [taker(), taker(), taker()];
  spreading.show(takers, at(0));
  spreading.show(takers, at(1));
  const shown = takers.flatMap((one) => one.told);
  assert.deepEqual(
    shown.toSorted((a, b) => a - b),
    [0, 1, 2, 3],
  );
  assert.ok(takers.every((one) => one.told.length <= 2));
});

test("the next piece is shown when one has arrived, and everything leaves exactly once", () => {
  const spreading = new Spreading(PIECES, PIECE_BYTES);
  const takers = [taker(), taker()];
  for (let n = 0; n < PIECES; n++) {
    spreading.show(takers, at(n));
    assert.equal(spreading.isDone, false);
    assert.equal(spreading.arrived(n), true);
  }
  assert.ok(spreading.isDone);
  assert.equal(takers.flatMap((one) => one.told).length, PIECES);
});

test("the pieces go around: whoever got one waits until all others were shown one", () => {
  const spreading = new Spreading(PIECES, PIECE_BYTES);
  const takers = Array.from({ length: 6 }, taker);
  for (let n = 0; n < 12; n++) {
    spreading.show(takers, at(n));
    spreading.arrived(n);
  }
  for (const one of takers) assert.ok(one.told.length >= 2 && one.told.length <= 3, `${one.told.length} pieces`);
});

test("what a peer brings along is shown to nobody", () => {
  const spreading = new Spreading(PIECES, PIECE_BYTES);
  const brought = new Bitfield(PIECES);
  brought.set(0);
  brought.set(2);
  spreading.met(brought);
  const one = taker();
  spreading.show([one], at(0));
  assert.deepEqual(one.told, [1, 3]);
});

test("pieces shown to a peer that leaves, or that sleeps, are shown to another", () => {
  const spreading = new Spreading(PIECES, PIECE_BYTES);
  const [gone, slow, other] = [taker(), taker(), taker()];
  spreading.show([gone, slow], at(0));
  spreading.left(gone);
  spreading.show([other], at(1));
  assert.deepEqual(
    other.told.toSorted((a, b) => a - b),
    gone.told.toSorted((a, b) => a - b),
  );
  other.told.length = 0;
  spreading.arrived(0);
  spreading.show([other], at(30_000));
  assert.ok(other.told.some((piece) => slow.told.includes(piece)));
});

test("more go at once where the line runs empty, fewer where they queue", () => {
  const spreading = new Spreading(PIECES, PIECE_BYTES);
  for (let n = 0; n < 3; n++) spreading.adapt(0);
  const many = Array.from({ length: 10 }, taker);
  spreading.show(many, at(0));
  assert.equal(many.flatMap((one) => one.told).length, 7);
  for (let n = 0; n < 20; n++) spreading.adapt(100 * PIECE_BYTES);
  for (let n = 0; n < 4; n++) spreading.arrived(n);
  spreading.show(many, at(1));
  assert.equal(many.flatMap((one) => one.told).length, 8);
});

test("a peer that keeps what it was shown to itself gets nothing more while others are there, until it has something", () => {
  const spreading = new Spreading(PIECES, PIECE_BYTES);
  const [keeper, honest] = [taker(), taker()];
  spreading.show([keeper], at(0));
  const kept = keeper.told.length;
  spreading.show([keeper, honest], at(20_001));
  assert.equal(keeper.told.length, kept);
  assert.deepEqual(honest.told, keeper.told);
  for (const piece of honest.told) spreading.arrived(piece, keeper);
  spreading.show([keeper, honest], at(20_002));
  assert.ok(keeper.told.length > kept);
});

test("where everybody was late, everybody is shown something again", () => {
  const spreading = new Spreading(PIECES, PIECE_BYTES);
  const [one, other] = [taker(), taker()];
  spreading.show([one, other], at(0));
  const shown = one.told.length;
  spreading.show([one, other], at(20_001));
  assert.ok(one.told.length > shown);
});
