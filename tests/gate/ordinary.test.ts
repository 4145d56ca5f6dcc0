// Goal 1 beyond any capture: many thousand conversations of ordinary families, made from a seed, none of which may be taken
// for peer-to-peer; and as many key exchanges that must be. `npm run bench:gate` makes many more, with other seeds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../src/world/sim/random.ts";
import { KAD_LENGTHS_ONLY, KEY_EXCHANGE, ORDINARY } from "./generated-families.ts";
import { FlowFeeder, type Maker } from "./generated-flows.ts";

const FLOWS = 1500;
const SEED = 20_261_128;

function codesOf(make: Maker, flows = FLOWS): Map<string, number> {
  const random = new SeededRandom(SEED);
  const feeder = new FlowFeeder();
  const codes = new Map<string, number>();
  for (let flow = 0; flow < flows; flow += 1) {
    const code = feeder.judge(make(random));
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  return codes;
}

for (const [family, make] of Object.entries(ORDINARY)) {
  test(`goal 1: no generated flow of the family "${family}" is taken for peer-to-peer`, () => {
    const taken = [...codesOf(make).keys()].filter((code) => !code.startsWith("flow."));
    assert.deepEqual(taken, [], `seed ${SEED}`);
  });
}

test("goal 1: random datagrams that have Kad's lengths and nothing else are taken for it less than once in a thousand", () => {
  assert.ok((codesOf(KAD_LENGTHS_ONLY, 4 * FLOWS).get("kad.obfuscated") ?? 0) < (4 * FLOWS) / 1000, `seed ${SEED}`);
});

test("goal 3: of generated key exchanges of MSE, with any paddings, 99 in 100 are recognised", () => {
  const flows = 2 * FLOWS;
  assert.ok((codesOf(KEY_EXCHANGE, flows).get("bt.mse") ?? 0) >= flows * 0.99, `seed ${SEED}`);
});
