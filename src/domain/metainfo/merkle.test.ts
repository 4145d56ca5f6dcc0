import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { present } from "../../base/assert.ts";
import { toHex } from "../../base/bytes.ts";
import { BLOCK_BYTES } from "./layout.ts";
import {
  blockCountOf,
  HashTree,
  leavesOf,
  levelsAbove,
  padHash,
  proofLevelsFor,
  provesRange,
  rootOf,
  SHA256_BYTES,
} from "./merkle.ts";
import { hashPieceV2, pieceLevels } from "./piece-hash.ts";

function sha(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function content(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, n) => (n * 31 + (n >> 8) + (n >> 16) * 13) & 0xff);
}

function treeOf(data: Uint8Array): HashTree {
  return new HashTree({ hashes: leavesOf(data), baseLevel: 0, fileBytes: data.length });
}

test("a missing leaf is a zero hash, not the hash of zeros", () => {
  deepEqual(padHash(0), new Uint8Array(32));
  deepEqual(Buffer.from(padHash(1)), Buffer.from(sha(new Uint8Array(64))));
});

test("a file of three blocks is padded to four leaves", () => {
  const data = content(2 * BLOCK_BYTES + 5);
  const [a, b, c] = [0, 1, 2].map((n) => sha(data.subarray(n * BLOCK_BYTES, (n + 1) * BLOCK_BYTES)));
  const expected = sha(sha(present(a, "a"), present(b, "b")), sha(present(c, "c"), new Uint8Array(32)));
  equal(toHex(treeOf(data).root), toHex(expected));
});

test("a file of one block is its own root, and an empty row has none", () => {
  const data = content(100);
  equal(toHex(treeOf(data).root), toHex(sha(data)));
});

test("levels are counted to the next power of two", () => {
  deepEqual(
    [0, 1, 2, 3, 4, 5, 1024, 1025].map((count) => levelsAbove(count)),
    [0, 0, 1, 2, 2, 3, 10, 11],
  );
});

test("the root over a piece layer is the root over the leaves", () => {
  const pieceBytes = 4 * BLOCK_BYTES;
  const data = content(11 * BLOCK_BYTES + 77);
  const layer: Uint8Array[] = [];
  for (let begin = 0; begin < data.length; begin += pieceBytes) {
    layer.push(hashPieceV2(data.subarray(begin, begin + pieceBytes), pieceLevels(pieceBytes)));
  }
  const hashes = new Uint8Array(Buffer.concat(layer));
  const tree = new HashTree({ hashes, baseLevel: pieceLevels(pieceBytes), fileBytes: data.length });
  equal(toHex(tree.root), toHex(treeOf(data).root));
});

test("H58: an answer to a hash request proves itself, and no altered one does", () => {
  const shapes = fc.record({ blocks: fc.integer({ min: 1, max: 70 }), width: fc.integer({ min: 0, max: 5 }) });
  fc.assert(
    fc.property(shapes, fc.nat(), fc.nat(), ({ blocks, width }, place, flip) => {
      const tree = treeOf(content(blocks * BLOCK_BYTES - 3));
      const count = Math.min(2 ** width, 2 ** tree.height);
      const index = (place % (2 ** tree.height / count)) * count;
      const range = { level: 0, index, count };
      const nodes = Buffer.concat(present(tree.answer(range, proofLevelsFor(tree.height, range)), "an answer"));
      const claim = { root: tree.root, height: tree.height, range, nodes };
      truthy(provesRange(claim));
      nodes[flip % nodes.length] = present(nodes[flip % nodes.length], "a byte") ^ 1;
      equal(provesRange(claim), false);
    }),
  );
});

test("a proof of another length or place is refused", () => {
  const tree = treeOf(content(16 * BLOCK_BYTES));
  const range = { level: 0, index: 4, count: 4 };
  const nodes = Buffer.concat(present(tree.answer(range, 3), "an answer"));
  equal(nodes.length, (4 + 2) * SHA256_BYTES);
  const claim = { root: tree.root, height: tree.height, range, nodes };
  truthy(provesRange(claim));
  equal(provesRange({ ...claim, nodes: nodes.subarray(0, -SHA256_BYTES) }), false);
  equal(provesRange({ ...claim, nodes: nodes.subarray(1) }), false);
  for (const index of [0, 5, 8, 16, -4]) equal(provesRange({ ...claim, range: { ...range, index } }), false);
});

test("H57: a range that is no range of the tree gets no answer", () => {
  const tree = treeOf(content(16 * BLOCK_BYTES));
  const cases = [
    { level: 0, index: 1, count: 2 },
    { level: 0, index: 0, count: 3 },
    { level: 0, index: 16, count: 2 },
    { level: 5, index: 0, count: 1 },
    { level: -1, index: 0, count: 2 },
    { level: 3, index: 0, count: 4 },
  ];
  for (const range of cases) equal(tree.answer(range, 2), undefined, JSON.stringify(range));
});

test("a layer shorter than its tree is padded with the pad hash of its own level", () => {
  const hashes = new Uint8Array(Buffer.concat([sha(content(1)), sha(content(2)), sha(content(3))]));
  const full = Buffer.concat([hashes, padHash(2)]);
  equal(toHex(rootOf({ hashes, level: 2, levels: 2 })), toHex(rootOf({ hashes: full, level: 2, levels: 2 })));
  equal(blockCountOf(1), 1);
});
