import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entropy } from "../entropy.ts";
import type { Random } from "../random.ts";
import { realEntropy } from "../real/entropy.ts";
import { realRandom } from "../real/random.ts";
import { SeededEntropy } from "../sim/entropy.ts";
import { SeededRandom } from "../sim/random.ts";

const RANDOMS: Readonly<Record<string, Random>> = { machine: realRandom, seeded: new SeededRandom(1) };
const ENTROPIES: Readonly<Record<string, Entropy>> = { machine: realEntropy, seeded: new SeededEntropy(1) };

for (const [name, random] of Object.entries(RANDOMS)) {
  test(`${name} random: every number below the limit comes, and no other`, () => {
    const seen = new Set(Array.from({ length: 2_000 }, () => random.below(10)));
    assert.deepEqual(
      [...seen].sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    assert.equal(random.below(1), 0);
    assert.equal(random.below(0), 0);
  });
}

for (const [name, entropy] of Object.entries(ENTROPIES)) {
  test(`${name} entropy: as many bytes as asked for, never the same twice`, () => {
    assert.equal(entropy.bytes(0).length, 0);
    const [a, b] = [entropy.bytes(32), entropy.bytes(32)];
    assert.equal(a.length, 32);
    assert.notDeepEqual(a, b);
  });
}

test("the same seed gives the same choices, another seed others", () => {
  const choices = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 50 }, () => random.below(1_000));
  };
  assert.deepEqual(choices(7), choices(7));
  assert.notDeepEqual(choices(7), choices(8));
});
