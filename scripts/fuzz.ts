// `npm run fuzz`: runs the fuzz loops for a time each, led by the code that inputs reach.
// `node scripts/fuzz.ts [target…] [--seconds N] [--seed N] [--save] [--write]`. A finding is written into the corpus, so
// that the test remembers it; --save also keeps inputs with new outcomes; --write notes the run in bench/results.

import { parseArgs } from "node:util";
import { realClock } from "../src/world/real/clock.ts";
import { readCorpus, saveInput } from "../tests/fuzz/corpus.ts";
import { Coverage } from "../tests/fuzz/coverage.ts";
import { fuzz } from "../tests/fuzz/fuzzer.ts";
import { FUZZ_TARGETS } from "../tests/fuzz/targets.ts";
import { FuzzRecord } from "./fuzz-record.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "10" },
    seed: { type: "string" },
    save: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
/** A corpus is read by every test run: the first of many outcomes are enough. */
const SAVED_MAX = 30;
const secondsEach = Number(values.seconds);
const unknown = positionals.filter((name) => !FUZZ_TARGETS.some((target) => target.name === name));
if (unknown.length > 0 || !(secondsEach > 0)) {
  process.stderr.write(`targets: ${FUZZ_TARGETS.map(({ name }) => name).join(" ")}\n`);
  process.exit(2);
}
// Made before any target runs: V8 counts blocks only in functions that it compiles from now on.
using coverage = new Coverage();
const record = new FuzzRecord();
for (const target of FUZZ_TARGETS) {
  if (positionals.length > 0 && !positionals.includes(target.name)) continue;
  const seed = Number(values.seed ?? realClock.wallMs() % 0x1_0000_0000);
  const endMs = realClock.monotonicMs() + secondsEach * 1000;
  const goOn = () => realClock.monotonicMs() < endMs;
  coverage.forget();
  const outcome = await fuzz(target, { seed, corpus: readCorpus(target.name), goOn, coverage });
  if (values.save) for (const input of outcome.novel.slice(0, SAVED_MAX)) saveInput(target.name, input);
  const rate = Math.round(outcome.executions / secondsEach);
  const line = `${target.name}: ${outcome.executions} executions, ${rate} a second, ${outcome.outcomes} outcomes, ${outcome.characters} characters of source, seed ${seed}`;
  process.stdout.write(`${line}\n`);
  if (values.write) record.note(target.name, { seconds: secondsEach, ...outcome });
  if (outcome.finding === undefined) continue;
  const file = saveInput(target.name, outcome.finding.input, "found-");
  process.stdout.write(`FOUND ${file}\n${outcome.finding.trouble}\n`);
  process.exitCode = 1;
}
