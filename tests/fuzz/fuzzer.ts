// The loop: changes known inputs, keeps those with a new outcome or that reached new code, and reports what crashed or
// took too long.

import { SeededRandom } from "../../src/world/sim/random.ts";
import type { Coverage } from "./coverage.ts";
import { mutated } from "./mutation.ts";
import type { FuzzTarget } from "./target.ts";

export type Finding = {
  readonly input: Uint8Array;
  readonly trouble: string;
};

export type FuzzOutcome = {
  readonly executions: number;
  readonly outcomes: number;
  /** Characters of source that ran; 0 where nobody looked. */
  readonly characters: number;
  /** Inputs that led to an outcome, or into code, to which none before them had. */
  readonly novel: readonly Uint8Array[];
  readonly finding: Finding | undefined;
};

export type FuzzOptions = {
  readonly seed: number;
  readonly corpus: readonly Uint8Array[];
  /** Asked now and then whether to go on, with the number of executions. */
  readonly goOn: (executions: number) => boolean;
  /** Without it only outcomes guide the loop. */
  readonly coverage?: Coverage;
};

const RUN_MS_MAX = 1000;
const POOL_MAX = 2000;
/** Inputs between two questions: whether to go on, and which code was reached. */
const BATCH = 2048;
const BATCH_MS = 250;

export function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzOutcome> {
  return new FuzzLoop(target, options).run();
}

class FuzzLoop {
  readonly #target: FuzzTarget;
  readonly #options: FuzzOptions;
  readonly #random: SeededRandom;
  readonly #pool: Uint8Array[] = [];
  /** Of the pool: those that reached new code. They are changed as often as all others together. */
  readonly #reachers: Uint8Array[] = [];
  readonly #novel: Uint8Array[] = [];
  readonly #outcomes = new Set<string>();
  #executions = 0;
  #finding: Finding | undefined;

  constructor(target: FuzzTarget, options: FuzzOptions) {
    this.#target = target;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
  }

  async run(): Promise<FuzzOutcome> {
    const known = [new Uint8Array(0), ...this.#target.seeds(), ...this.#options.corpus];
    this.#runBatch(known[Symbol.iterator](), false);
    while (this.#finding === undefined && this.#options.goOn(this.#executions)) {
      this.#runBatch(this.#changes(), true);
      // What a target put off to the end of its turn is done now, and its memory comes free.
      await Promise.resolve();
    }
    return {
      executions: this.#executions,
      outcomes: this.#outcomes.size,
      characters: this.#options.coverage?.characters ?? 0,
      novel: this.#novel,
      finding: this.#finding,
    };
  }

  *#changes(): Generator<Uint8Array> {
    const endMs = performance.now() + BATCH_MS;
    for (let n = 0; n < BATCH && (n === 0 || performance.now() < endMs); n++) {
      yield mutated(this.#any(), this.#any(), this.#random);
    }
  }

  #any(): Uint8Array {
    const pool = this.#reachers.length > 0 && this.#random.below(2) === 0 ? this.#reachers : this.#pool;
    return pool[this.#random.below(pool.length)] ?? new Uint8Array(0);
  }

  #runBatch(inputs: Iterator<Uint8Array>, isNew: boolean): void {
    const plain: Uint8Array[] = [];
    for (let next = inputs.next(); next.done !== true && this.#finding === undefined; next = inputs.next()) {
      const isKept = this.#attempt(next.value);
      if (isKept) this.#keep(next.value, isNew);
      else plain.push(next.value);
    }
    const fresh = this.#options.coverage?.take() ?? [];
    if (fresh.length > 0 && this.#finding === undefined) this.#findReachers(plain, isNew);
    this.#options.coverage?.keep(fresh);
  }

  /** True when the outcome is new. */
  #attempt(input: Uint8Array): boolean {
    this.#executions += 1;
    const startMs = performance.now();
    try {
      const outcome = this.#target.run(Uint8Array.from(input));
      const tookMs = performance.now() - startMs;
      if (tookMs > RUN_MS_MAX && this.#isSlow(input)) {
        this.#finding = { input, trouble: `took ${Math.round(tookMs)} ms` };
      }
      if (this.#outcomes.has(outcome) || this.#pool.length >= POOL_MAX) return false;
      this.#outcomes.add(outcome);
      return true;
    } catch (thrown) {
      const trouble = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      this.#finding = { input, trouble };
      return false;
    }
  }

  /** A busy machine makes any input slow once; one that is slow by itself is so in the processor's time too. */
  #isSlow(input: Uint8Array): boolean {
    const before = process.cpuUsage();
    this.#target.run(Uint8Array.from(input));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 > RUN_MS_MAX;
  }

  #keep(input: Uint8Array, isNew: boolean): void {
    if (this.#pool.length >= POOL_MAX) return;
    this.#pool.push(input);
    if (isNew) this.#novel.push(input);
  }

  /** Some of these reached new code: runs halves of them again, and halves of halves, until it is known which. */
  #findReachers(inputs: readonly Uint8Array[], isNew: boolean): void {
    for (const input of inputs) {
      this.#attempt(input);
      if (this.#finding !== undefined) return;
    }
    const fresh = this.#options.coverage?.take() ?? [];
    const [only] = inputs;
    if (fresh.length === 0 || only === undefined) return;
    if (inputs.length === 1) {
      this.#keep(only, isNew);
      this.#reachers.push(only);
      this.#options.coverage?.keep(fresh);
      return;
    }
    const half = inputs.length >> 1;
    this.#findReachers(inputs.slice(0, half), isNew);
    this.#findReachers(inputs.slice(half), isNew);
  }
}
