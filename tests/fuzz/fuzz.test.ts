// A taste of the fuzz loops (`npm run fuzz` runs them for long): the committed corpus, then changes of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readCorpus } from "./corpus.ts";
import { Coverage } from "./coverage.ts";
import { fuzz } from "./fuzzer.ts";
import { depthOf, walk } from "./maze.ts";
import type { FuzzTarget } from "./target.ts";
import { FUZZ_TARGETS } from "./targets.ts";

const EXECUTIONS = 3000;
const SEED = 20_261_121;

for (const target of FUZZ_TARGETS) {
  test(`${target.name}: the corpus and ${EXECUTIONS} changes of it do no harm`, async () => {
    const corpus = readCorpus(target.name);
    const outcome = await fuzz(target, { seed: SEED, corpus, goOn: (executions) => executions < EXECUTIONS });
    assert.equal(outcome.finding, undefined);
    assert.ok(outcome.outcomes > 1, "the inputs reach more than one outcome");
  });
}

test("the loop finds a crash, and keeps inputs with new outcomes", async () => {
  const target = (crashes: boolean): FuzzTarget => ({
    name: "grumpy",
    seeds: () => [new TextEncoder().encode("d1:a1:be")],
    run: (input) => {
      if (crashes && input[0] === 0xff) throw new Error("boom");
      return `${input[0]}`;
    },
  });
  const goOn = (executions: number) => executions < 20_000;
  const { finding } = await fuzz(target(true), { seed: 1, corpus: [], goOn });
  assert.match(finding?.trouble ?? "", /boom/);
  assert.equal(finding?.input[0], 0xff);
  const { novel } = await fuzz(target(false), { seed: 1, corpus: [], goOn });
  assert.ok(novel.length > 20);
});

test("coverage leads the loop where outcomes say nothing", async () => {
  using coverage = new Coverage((url) => url.endsWith("maze.ts"));
  const target: FuzzTarget = { name: "maze", seeds: () => [new Uint8Array(4)], run: walk };
  const { characters, novel } = await fuzz(target, {
    seed: 1,
    corpus: [],
    goOn: (executions) => executions < 60_000,
    coverage,
  });
  assert.ok(novel.some((input) => depthOf(input) === 2));
  assert.ok(characters > 100);
});
