import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../world/sim/random.ts";
import { Bitfield } from "./bitfield.ts";
import { blockOfKey, pieceOfKey } from "./block-key.ts";
import type { PickRequest } from "./pick-request.ts";
import { Picker } from "./picker.ts";
import type { Probation } from "./probation.ts";

const BLOCKS = 4;

class Download {
  readonly picker = new Picker({ pieceCount: 10, blockCount: () => BLOCKS, order: "sequential" }, new SeededRandom(1));
  readonly #seed = new Bitfield(10);
  /** What each peer was asked for, as [piece, block]. */
  readonly #asked = new Map<number, [number, number][]>();

  constructor() {
    this.#seed.fill();
    this.picker.peerCame(this.#seed);
    this.picker.refresh();
  }

  ask(peer: number, change: Partial<PickRequest>): [number, number][] {
    const into: number[] = [];
    const base = { peer, has: this.#seed, count: 8, room: 100, prefersSharing: false, isIdle: false };
    this.picker.pick({ ...base, ...change }, () => false, into);
    const picked = into.map((key): [number, number] => [pieceOfKey(key), blockOfKey(key)]);
    this.#asked.set(peer, [...(this.#asked.get(peer) ?? []), ...picked]);
    return picked;
  }

  part(peer: number, piecesLeft: number): { readonly probation: Probation } {
    const partIn = (piece: number) => (this.#asked.get(peer) ?? []).filter(([of]) => of === piece).length;
    return { probation: { kind: "part", senders: 4, piecesLeft, partIn } };
  }
}

test("H60: among liars a trusted peer sends its part of as many pieces as it may, and others the rest", () => {
  const download = new Download();
  deepEqual(download.ask(1, download.part(1, 2)), [
    [0, 0],
    [1, 0],
  ]);
  deepEqual(download.ask(2, download.part(2, 1)), [[0, 1]]);
  deepEqual(download.ask(1, download.part(1, 0)), []);
  equal(download.picker.active.get(0)?.owner, undefined);
});

test("among liars too a trusted peer sends what a slow one would bring after its deadline", () => {
  const download = new Download();
  download.ask(1, { count: BLOCKS });
  deepEqual(download.ask(2, download.part(2, 0)), []);
  download.picker.rescue([0]);
  deepEqual(
    download.ask(2, download.part(2, 0)).map(([piece]) => piece),
    [0, 0, 0, 0],
  );
});

test("a trusted peer that has nothing else to do completes what nobody else sends, though it has its part", () => {
  const download = new Download();
  download.ask(1, download.part(1, 1));
  deepEqual(download.ask(1, { ...download.part(1, 0), isIdle: true }), [[0, 1]]);
});

test("a trusted peer that may begin pieces, of which none is left, completes others'", () => {
  const download = new Download();
  for (let peer = 0; peer < 10; peer++) download.ask(peer, download.part(peer, 1));
  for (let piece = 3; piece < 10; piece++) download.picker.finish(piece);
  download.picker.setWanted((piece) => piece < 3);
  const again = download.ask(0, { ...download.part(0, 5), isIdle: true });
  equal(again.length, 1);
});

test("H59, v2: pieces whose blocks are checked as they arrive go to anybody, also to whoever is accused", () => {
  const download = new Download();
  const checked = new Map([[6, true]]);
  const mends: Probation = { kind: "mends" };
  deepEqual(download.ask(1, { probation: mends, checked: { pieces: checked, blocksMax: 1 } }), [[6, 0]]);
  deepEqual(download.ask(2, { probation: mends, checked: { pieces: checked, blocksMax: 8 } }), [], "it has an owner");
  download.picker.disown(1);
  deepEqual(download.ask(2, { probation: mends, checked: { pieces: checked, blocksMax: 8 } }).length, 3);
});

test("H60: in the endgame among liars only what is late is asked for twice", () => {
  const download = new Download();
  for (let piece = 1; piece < 10; piece++) download.picker.finish(piece);
  download.ask(1, {});
  deepEqual(download.ask(2, { isIdle: true, mayRepeat: () => false }), []);
  deepEqual(download.ask(2, { isIdle: true, mayRepeat: (key) => blockOfKey(key) === 2 }), [[0, 2]]);
  deepEqual(download.ask(3, { isIdle: true, repeatsMax: 0 }), []);
});
