import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { sha1 } from "../../domain/metainfo/piece-hash.ts";
import { Mend } from "./mend.ts";

const BLOCKS = [0, 1, 2, 3].map((n) => new Uint8Array(8).fill(n));
const WRONG = new Uint8Array(8).fill(0xff);
const block = (n: number): Uint8Array => BLOCKS[n] ?? WRONG;

/** A bad copy, of which `hosts` sent one block each. */
function bad(...hosts: string[]): Mend {
  return new Mend(new Uint8Array(Buffer.concat(BLOCKS.map(sha1))), hosts);
}
const trustIn = (trusted: string) => (host: string) => (host === trusted ? 9 : 0);

test("the last block of each sender comes again, of the least trusted first, before a second one of any", () => {
  const mend = bad("a", "b", "b", "a");
  deepEqual(mend.next(trustIn("b")), [3]);
  equal(mend.sender, "a");
  equal(mend.isSame(3, block(3), "c"), true);
  deepEqual(mend.next(trustIn("b")), [2]);
  mend.isSame(2, block(2), "c");
  deepEqual(mend.next(trustIn("b")), [0]);
});

test("when all of the others' blocks came again the same, everything of the last sender comes again", () => {
  const mend = bad("a", "b", "b", "b");
  deepEqual(mend.next(trustIn("b")), [0]);
  mend.isSame(0, block(0), "c");
  deepEqual(mend.next(trustIn("b")), [1, 2, 3]);
});

test("a copy that differs ends the search and accuses its sender", () => {
  const mend = bad("a", "b", "b", "b");
  mend.next(trustIn("b"));
  equal(mend.isSame(0, WRONG, "b"), false);
  equal(mend.hasDiffered, true);
  equal(mend.accused, "a");
  equal(mend.isVouched(0), false);
  equal(mend.guilty, undefined);
});

test("a block is vouched for by somebody else's copy alone", () => {
  const mend = bad("a", "b", "b", "b");
  mend.isSame(1, block(1), "b");
  equal(mend.isVouched(1), false);
  mend.isSame(2, block(2), "c");
  equal(mend.isVouched(2), true);
});

test("H59: whoever sent, or sent the same as, every block of a bad copy is guilty", () => {
  const mend = bad("a", "b", "b", "b");
  mend.isSame(0, block(0), "b");
  equal(mend.guilty, "b");
  equal(mend.again().guilty, undefined);
});
