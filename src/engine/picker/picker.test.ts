import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { SeededRandom } from "../../world/sim/random.ts";
import { Bitfield } from "./bitfield.ts";
import { blockOfKey, pieceOfKey } from "./block-key.ts";
import type { PickRequest } from "./pick-request.ts";
import { Picker } from "./picker.ts";

const PIECES = 10;
const BLOCKS = 4;

function full(): Bitfield {
  const field = new Bitfield(PIECES);
  field.fill();
  return field;
}

function having(...pieces: number[]): Bitfield {
  const field = new Bitfield(PIECES);
  for (const piece of pieces) field.set(piece);
  return field;
}

function picker(order: "rarest" | "sequential" = "rarest"): Picker {
  return new Picker({ pieceCount: PIECES, blockCount: () => BLOCKS, order }, new SeededRandom(1));
}

function pick(from: Picker, has: Bitfield, change: Partial<PickRequest> = {}, asked: number[] = []): number[] {
  const into: number[] = [];
  const request = { peer: 1, has, count: BLOCKS, room: 100, prefersSharing: false, isIdle: false, ...change };
  from.refresh();
  from.pick(request, (key) => asked.includes(key), into);
  return into;
}

const pieces = (keys: readonly number[]) => [...new Set(keys.map(pieceOfKey))];

test("the rarest piece comes first, whoever else has what", () => {
  const own = picker();
  own.peerCame(full());
  own.peerCame(having(0, 1, 2, 3, 4, 5, 6, 8, 9));
  own.peerCame(having(0, 1, 2, 3, 4, 5, 6, 8, 9));
  deepEqual(pieces(pick(own, full())), [7]);
});

test("when the one other copy leaves, its piece becomes the rarest", () => {
  const own = picker();
  const other = having(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  own.peerCame(having(3));
  own.peerCame(other);
  own.peerCame(other);
  own.peerWent(having(3));
  own.peerCame(having(0, 1, 2, 4, 5, 6, 7, 8, 9));
  deepEqual(pieces(pick(own, full())), [3]);
});

test("a piece is finished before the next one is begun", () => {
  const own = picker();
  own.peerCame(full());
  const first = pick(own, full(), { count: 3 });
  equal(pieces(first).length, 1);
  const second = pick(own, full(), { count: 3 });
  equal(second.map(pieceOfKey).filter((piece) => piece === pieceOfKey(present(first[0], "a key"))).length, 1);
});

test("two peers begin different pieces, and no block is asked for twice", () => {
  const own = picker();
  own.peerCame(full());
  own.peerCame(full());
  const keys = [...pick(own, full(), { peer: 1, count: 20 }), ...pick(own, full(), { peer: 2, count: 20 })];
  equal(new Set(keys).size, keys.length);
  equal(keys.length, 40);
});

test("in sequential order the pieces come as the content has them, urgent ones before all", () => {
  const own = picker("sequential");
  own.peerCame(full());
  own.setUrgent([8, 6]);
  deepEqual(pieces(pick(own, full(), { count: 5 * BLOCKS })), [8, 6, 0, 1, 2]);
});

test("without room no piece is begun, and blocks of pieces under way are shared", () => {
  const own = picker();
  own.peerCame(full());
  pick(own, full(), { peer: 1, count: 1 });
  deepEqual(pick(own, full(), { peer: 2, room: 0, count: 8 }).map(blockOfKey), [1, 2, 3]);
  deepEqual(pick(own, full(), { peer: 3, room: 0 }), []);
});

test("a slow peer helps with pieces under way before it begins its own", () => {
  const own = picker();
  own.peerCame(full());
  const begun = pieces(pick(own, full(), { peer: 1, count: 1 }));
  deepEqual(pieces(pick(own, full(), { peer: 2, count: 2, prefersSharing: true })), begun);
});

test("in the endgame an idle peer is asked for what others owe, never twice for one block, and at most by three", () => {
  const own = picker();
  own.peerCame(full());
  const all = pick(own, full(), { peer: 1, count: PIECES * BLOCKS });
  equal(all.length, PIECES * BLOCKS);
  deepEqual(pick(own, full(), { peer: 2, count: 100 }), [], "only who is idle");
  const second = pick(own, full(), { peer: 2, count: 8, isIdle: true });
  equal(second.length, 8);
  deepEqual(pick(own, full(), { peer: 2, count: 100, isIdle: true }, all), [], "what it owes itself");
  pick(own, full(), { peer: 3, count: 8, isIdle: true });
  const fourth = pick(own, full(), { peer: 4, count: 8, isIdle: true });
  truthy(
    second.every((key) => !fourth.includes(key)),
    "three were asked for the first eight already",
  );
});

test("blocks picked in the same call are not picked again as owed", () => {
  const own = picker();
  own.peerCame(full());
  const keys = pick(own, full(), { count: 20, room: 1, isIdle: true });
  equal(new Set(keys).size, keys.length);
  equal(keys.length, BLOCKS);
});

test("a block that a peer will not send is free again, and a piece without its owner may be finished by anybody", () => {
  const own = picker();
  own.peerCame(full());
  const keys = pick(own, full(), { peer: 1, count: 2 });
  const active = present(own.active.get(pieceOfKey(present(keys[0], "a key"))), "a piece under way");
  for (const key of keys) active.release(blockOfKey(key));
  own.disown(1);
  deepEqual(pick(own, full(), { peer: 2 }).map(blockOfKey), [0, 1, 2, 3]);
});

test("a piece that failed with several senders is fetched by one peer alone", () => {
  const own = picker("sequential");
  own.peerCame(full());
  pick(own, full(), { peer: 1 });
  own.reopen(0, { alone: true });
  deepEqual(pieces(pick(own, full(), { peer: 2, count: 1 })), [0]);
  deepEqual(pieces(pick(own, full(), { peer: 3, prefersSharing: true })), [1]);
});

const share = { kind: "share", blocksMax: 1, piecesMax: 1 } as const;
const refuses = () => false;

test("a peer on trial gets a share of one piece, and whoever is trusted completes it", () => {
  const own = picker("sequential");
  own.peerCame(full());
  deepEqual(pick(own, full(), { peer: 1, probation: share, count: 4 }).map(blockOfKey), [0]);
  deepEqual(pick(own, full(), { peer: 2, probation: share }), [], "one trial at a time");
  const rest = pick(own, full(), { peer: 3, count: 3 });
  deepEqual(pieces(rest), [0]);
  deepEqual(rest.map(blockOfKey), [1, 2, 3]);
});

test("whoever had a part in a bad piece gets what replaces blocks, and begins nothing", () => {
  const own = picker("sequential");
  own.peerCame(full());
  for (const key of pick(own, full(), { peer: 1, count: 4 })) own.active.get(0)?.receive(blockOfKey(key));
  deepEqual(pick(own, full(), { peer: 2, probation: { kind: "mends" }, refuses }), []);
  const bad = present(own.active.get(0), "a piece under way");
  bad.owner = undefined;
  bad.isMended = true;
  bad.forget(2);
  deepEqual(pick(own, full(), { peer: 1, probation: share, refuses: (piece) => piece === 0 }).map(pieceOfKey), [1]);
  deepEqual(pick(own, full(), { peer: 2, probation: { kind: "mends" }, refuses }).map(blockOfKey), [2]);
  equal(bad.owner, undefined, "a mended piece belongs to nobody");
});

test("unwanted pieces are never picked, and what nobody has is counted", () => {
  const own = picker();
  own.setWanted((piece) => piece < 3);
  own.peerCame(having(0, 1, 5));
  deepEqual(
    pieces(pick(own, full(), { count: 100 })).toSorted((a, b) => a - b),
    [0, 1],
  );
  equal(own.wantedLeft, 3);
  equal(own.missingEverywhere(), 1);
  own.finish(0);
  equal(own.wantedLeft, 2);
  equal(own.isUseful(having(0, 5)), false);
  equal(own.isUseful(having(1)), true);
});

test("H52: a bitfield of wrong length or with a spare bit is none", () => {
  equal(Bitfield.fromWire(Uint8Array.of(0xff), 10), undefined);
  equal(Bitfield.fromWire(Uint8Array.of(0xff, 0xff), 10), undefined);
  equal(Bitfield.fromWire(Uint8Array.of(0xff, 0xc0), 10)?.isFull, true);
  equal(Bitfield.fromWire(new Uint8Array(3), 10), undefined);
});
