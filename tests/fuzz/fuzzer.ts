// The loop: changes known inputs, keeps those with a new outcome, and reports what crashed or took too long.

import { SeededRandom } from "../../src/world/sim/random.ts";
import { mutated } from "./mutation.ts";
import type { FuzzTarget } from "./target.ts";

export type Finding = {
  readonly input: Uint8Array;
  readonly trouble: string;
};

export type FuzzOutcome = {
  readonly executions: number;
  readonly outcomes: number;
  /** Inputs that led to an outcome which none before them had. */
  readonly novel: readonly Uint8Array[];
  readonly finding: Finding | undefined;
};

export type FuzzOptions = {
  readonly seed: number;
  readonly corpus: readonly Uint8Array[];
  /** Asked now and then whether to go on, with the number of executions. */
  readonly goOn: (executions: number) => boolean;
};

const RUN_MS_MAX = 1000;
const POOL_MAX = 2000;
const ASK_EVERY = 64;

export function fuzz(target: FuzzTarget, { seed, corpus, goOn }: FuzzOptions): FuzzOutcome {
  const random = new SeededRandom(seed);
  const pool: Uint8Array[] = [];
  const novel: Uint8Array[] = [];
  const seen = new Set<string>();
  let executions = 0;
  const attempt = (input: Uint8Array, isNew: boolean): Finding | undefined => {
    executions += 1;
    const startMs = performance.now();
    try {
      const outcome = target.run(Uint8Array.from(input));
      if (!seen.has(outcome) && pool.length < POOL_MAX) {
        seen.add(outcome);
        pool.push(input);
        if (isNew) novel.push(input);
      }
    } catch (thrown) {
      return { input, trouble: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
    }
    const tookMs = performance.now() - startMs;
    return tookMs > RUN_MS_MAX ? { input, trouble: `took ${Math.round(tookMs)} ms` } : undefined;
  };
  for (const input of [new Uint8Array(0), ...target.seeds(), ...corpus]) {
    const finding = attempt(input, false);
    if (finding !== undefined) return { executions, outcomes: seen.size, novel, finding };
  }
  while (goOn(executions)) {
    for (let n = 0; n < ASK_EVERY; n++) {
      const input = pool[random.below(pool.length)] ?? new Uint8Array(0);
      const other = pool[random.below(pool.length)] ?? input;
      const finding = attempt(mutated(input, other, random), true);
      if (finding !== undefined) return { executions, outcomes: seen.size, novel, finding };
    }
  }
  return { executions, outcomes: seen.size, novel, finding: undefined };
}
