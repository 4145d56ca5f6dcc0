import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { sampleTorrent } from "../engine-under-test.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import { PieceMemory } from "../storage/piece-memory.ts";
import { Content } from "./content.ts";
import { PieceCache } from "./piece-cache.ts";

const PIECE_BYTES = 16 * 1024;

/** A cache over a disk that answers at once. */
function cacheOf(isLacked: (piece: number) => boolean) {
  const { metainfo } = sampleTorrent({ format: "v1", bytes: 20 * PIECE_BYTES, pieceBytes: PIECE_BYTES });
  const content = new Content(metainfo);
  for (let piece = 0; piece < 20; piece++) content.verified(piece);
  const memory = new PieceMemory(100 * PIECE_BYTES);
  const store: StoreHandle = { ask: (_request, done) => done({ kind: "read" }), close: (done) => done() };
  const never = () => {
    throw new Error("the disk is well");
  };
  const options = { content, memory, store, verify: false, isLacked, rotten: never, diskFailed: never };
  return new PieceCache(options, () => undefined);
}

test("a piece that nobody lacks any more leaves its memory to the next", () => {
  const cache = cacheOf(() => false);
  cache.load(0);
  const { memory } = present(cache.get(0), "a piece that was read").slot;
  cache.load(1);
  equal(cache.get(0), undefined);
  equal(cache.get(1)?.slot.memory, memory);
});

test("what somebody lacks stays while there is room, and what is being sent stays whoever has it", () => {
  const cache = cacheOf((piece) => piece === 0);
  for (const piece of [0, 1]) cache.load(piece);
  const release = cache.hold(present(cache.get(1), "a piece that was read"));
  for (const piece of [2, 3]) cache.load(piece);
  const kept = () => [0, 1, 2, 3, 4].filter((piece) => cache.get(piece) !== undefined);
  deepEqual(kept(), [0, 1, 3]);
  release();
  cache.load(4);
  deepEqual(kept(), [0, 3, 4]);
});
