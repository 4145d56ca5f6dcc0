// BEP 52's trees: SHA-256 over 16 KiB blocks, padded to a power of two with leaves of zeros.

import { hash } from "node:crypto";
import { assert, present } from "../../base/assert.ts";
import { asBuffer } from "../../base/bytes.ts";
import { BLOCK_BYTES } from "./layout.ts";

export const SHA256_BYTES = 32;

export function sha256(bytes: Uint8Array): Uint8Array {
  return hash("sha256", bytes, "buffer");
}

const pair = Buffer.alloc(2 * SHA256_BYTES);

function parent(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 0);
  pair.set(right, SHA256_BYTES);
  return sha256(pair);
}

// BEP 52: leaves behind the end of the file are zero *hashes*, not hashes of zeros.
const padHashes: Uint8Array[] = [new Uint8Array(SHA256_BYTES)];

/** The root of a subtree that lies wholly behind the end of the file; level 0 is a leaf. */
export function padHash(level: number): Uint8Array {
  assert(level >= 0 && level < 64, "a tree has fewer than 64 levels");
  for (let at = padHashes.length; at <= level; at++) {
    const below = present(padHashes[at - 1], "a pad hash");
    padHashes.push(parent(below, below));
  }
  return present(padHashes[level], "a pad hash");
}

/** How many times one has to halve `count` (rounding up) to reach 1: the levels above a layer of so many nodes. */
export function levelsAbove(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}

/** Leaves of a file or a part of it. */
export function blockCountOf(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES);
}

/** The hashes of the data's blocks, 32 bytes each, in a row. The last block may be short: it is hashed as it is. */
export function leavesOf(data: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let begin = 0; begin < data.length; begin += BLOCK_BYTES) blocks.push(data.subarray(begin, begin + BLOCK_BYTES));
  return leavesOfBlocks(blocks);
}

/** The same, of blocks that do not lie in a row. */
export function leavesOfBlocks(blocks: readonly Uint8Array[]): Uint8Array {
  const leaves = Buffer.alloc(blocks.length * SHA256_BYTES);
  for (const [n, block] of blocks.entries()) hashInto(leaves, n * SHA256_BYTES, block);
  return leaves;
}

// Every block that arrives in a v2 torrent passes here: a digest as a one-byte string costs a third of one as a Buffer.
function hashInto(target: Buffer, at: number, bytes: Uint8Array): void {
  target.write(hash("sha256", bytes, "binary"), at, "latin1");
}

/**
 * The root over a row of hashes of one level, padded on the right to `2^levels` nodes.
 * `level` is the level of the given hashes (0: leaves); it decides what the padding is.
 */
export function rootOf(row: { hashes: Uint8Array; level: number; levels: number }): Uint8Array {
  let nodes = row.hashes;
  assert(nodes.length > 0 && nodes.length % SHA256_BYTES === 0, "a row holds whole hashes");
  assert(nodes.length / SHA256_BYTES <= 2 ** row.levels, "a row fits under its root");
  for (let up = 0; up < row.levels; up++) nodes = layerAbove(nodes, row.level + up);
  return new Uint8Array(nodes);
}

function layerAbove(nodes: Uint8Array, level: number): Uint8Array {
  const count = nodes.length / SHA256_BYTES;
  const above = Buffer.alloc(Math.ceil(count / 2) * SHA256_BYTES);
  const pairs = Math.floor(count / 2);
  for (let n = 0; n < pairs; n++) {
    hashInto(above, n * SHA256_BYTES, nodes.subarray(2 * n * SHA256_BYTES, 2 * (n + 1) * SHA256_BYTES));
  }
  if (count % 2 === 1) above.set(parent(nodeAt(nodes, count - 1), padHash(level)), pairs * SHA256_BYTES);
  return above;
}

function nodeAt(nodes: Uint8Array, index: number): Uint8Array {
  return nodes.subarray(index * SHA256_BYTES, (index + 1) * SHA256_BYTES);
}

/** Part of a layer, as BEP 52's messages 21 and 22 name it. `count` is a power of two and `index` a multiple of it. */
export type HashRange = { readonly level: number; readonly index: number; readonly count: number };

/** The part of a file's tree from one level up to the root: what a peer that has the file can prove. */
export class HashTree {
  readonly root: Uint8Array;
  readonly baseLevel: number;
  /** The root's level. */
  readonly height: number;
  readonly #layers: Uint8Array[];

  /** `hashes` is the whole layer at `baseLevel`, without the nodes that are padding only. */
  constructor(source: { hashes: Uint8Array; baseLevel: number; fileBytes: number }) {
    this.baseLevel = source.baseLevel;
    this.height = levelsAbove(blockCountOf(source.fileBytes));
    assert(this.baseLevel <= this.height, "the base lies in the tree");
    let layer = source.hashes;
    this.#layers = [layer];
    for (let level = this.baseLevel; level < this.height; level++) {
      layer = layerAbove(layer, level);
      this.#layers.push(layer);
    }
    assert(layer.length === SHA256_BYTES, "a tree ends in one root");
    this.root = layer;
  }

  node(level: number, index: number): Uint8Array {
    const layer = present(this.#layers[level - this.baseLevel], "a layer of the tree");
    return index < layer.length / SHA256_BYTES ? nodeAt(layer, index) : padHash(level);
  }

  /**
   * The nodes of the range, then the siblings on the way up: the answer to a hash request. `proofLevels` counts from the
   * range's own level; what the range itself yields is left out, though counted (BEP 52).
   * Undefined when the tree has no such range.
   */
  answer(range: HashRange, proofLevels: number): Uint8Array[] | undefined {
    const { level, index, count } = range;
    if (level < this.baseLevel || level > this.height || !isAligned(range)) return undefined;
    if (index + count > 2 ** (this.height - level)) return undefined;
    const nodes = Array.from({ length: count }, (_, n) => this.node(level, index + n));
    const top = level + levelsAbove(count);
    const last = Math.min(this.height, level + proofLevels + 1);
    for (let at = top; at < last; at++) nodes.push(this.node(at, (index >>> (at - level)) ^ 1));
    return nodes;
  }
}

/** True when the nodes of the range, with the siblings that follow them, lead to the root. */
export function provesRange(claim: { root: Uint8Array; height: number; range: HashRange; nodes: Uint8Array }): boolean {
  const { level, index, count } = claim.range;
  if (!isAligned(claim.range) || claim.nodes.length % SHA256_BYTES !== 0) return false;
  const width = levelsAbove(count);
  const siblings = claim.nodes.length / SHA256_BYTES - count;
  if (siblings !== claim.height - level - width) return false;
  if (index + count > 2 ** (claim.height - level)) return false;
  let node = rootOf({ hashes: claim.nodes.subarray(0, count * SHA256_BYTES), level, levels: width });
  for (let up = 0; up < siblings; up++) {
    const sibling = nodeAt(claim.nodes, count + up);
    const isRight = ((index >>> (width + up)) & 1) === 1;
    node = isRight ? parent(sibling, node) : parent(node, sibling);
  }
  return asBuffer(node).equals(claim.root);
}

/** The proof levels to ask for so that the answer reaches the root. */
export function proofLevelsFor(height: number, range: HashRange): number {
  return Math.max(0, height - range.level - 1);
}

function isAligned({ index, count }: HashRange): boolean {
  return Number.isInteger(Math.log2(count)) && count >= 1 && index >= 0 && index % count === 0;
}
