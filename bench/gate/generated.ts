// Generated conversations by the hundred thousand: how many ordinary ones are taken for peer-to-peer, and how many key
// exchanges are missed.

import { SeededRandom } from "../../src/world/sim/random.ts";
import { KAD_LENGTHS_ONLY, KEY_EXCHANGE, ORDINARY } from "../../tests/gate/generated-families.ts";
import { FlowFeeder, type Maker } from "../../tests/gate/generated-flows.ts";

const FLOWS = 10_000;

export type Generated = {
  readonly seed: number;
  readonly falsePositives: string;
  readonly mse: string;
  /** Random datagrams of Kad's own lengths, taken for Kad. */
  readonly kadLengthsOnly: string;
};

export function measureGenerated(): Generated {
  const seed = Date.now() >>> 0;
  const taken = (make: Maker, code: RegExp): number => {
    const random = new SeededRandom(seed);
    const feeder = new FlowFeeder();
    let count = 0;
    for (let flow = 0; flow < FLOWS; flow += 1) if (code.test(feeder.judge(make(random)))) count += 1;
    return count;
  };
  const families = Object.values(ORDINARY);
  const wrong = families.reduce((sum, make) => sum + taken(make, /^(?!flow\.)/), 0);
  return {
    seed,
    falsePositives: `${wrong} of ${families.length * FLOWS} flows in ${families.length} families`,
    mse: `${taken(KEY_EXCHANGE, /^bt\.mse$/)} of ${FLOWS}`,
    kadLengthsOnly: `${taken(KAD_LENGTHS_ONLY, /^kad\./)} of ${FLOWS}`,
  };
}
