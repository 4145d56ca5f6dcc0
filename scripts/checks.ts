// What `npm run check` looks at: format, types, lint, dead code, the house's rules and every unit test.

import { spawn } from "node:child_process";
import { runAtOnce } from "./at-once.ts";
import { filesMatching, ownProgram, repositoryRoot } from "./repository.ts";
import type { Tally } from "./tally.ts";
import { checkFile } from "./test-run.ts";

type Step = { readonly title: string; readonly program: string; readonly args: readonly string[] };

const STEPS: readonly Step[] = [
  { title: "format (biome)", program: "biome", args: ["check", "."] },
  { title: "types (tsc)", program: "tsc", args: ["-p", "."] },
  { title: "types of the pages (tsc)", program: "tsc", args: ["-p", "ui"] },
  { title: "lint (oxlint)", program: "oxlint", args: ["--type-aware"] },
  { title: "dead code (knip)", program: "knip", args: [] },
];

const UNIT_LIMIT_SECONDS = 120;
/** Nearly all of this is work, and some of the steps use more than one core. */
const AT_ONCE = { atLeast: 2, atMost: 2, hasRoom: () => false };

export async function runChecks(tally: Tally): Promise<void> {
  const files = [
    ...filesMatching("tests/house/**/*.test.ts"),
    ...filesMatching("src/**/*.test.ts", "ui/**/*.test.ts", "scripts/**/*.test.ts", "sim/**/*.test.ts"),
  ];
  const tasks = [
    ...STEPS.map((step) => () => checkStep(step, tally)),
    ...files.map((file) => () => checkFile(file, tally, UNIT_LIMIT_SECONDS)),
  ];
  await runAtOnce(tasks, (task) => task(), AT_ONCE);
}

async function checkStep(step: Step, tally: Tally): Promise<void> {
  const startedMs = performance.now();
  const trouble = await runStep(step);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  tally.addStep(step.title, trouble);
  process.stdout.write(`${trouble === undefined ? "ok    " : "not ok"} ${step.title}  ${seconds} s\n`);
}

/** Undefined when the step is content, else what it printed. */
function runStep(step: Step): Promise<string | undefined> {
  const child = spawn(ownProgram(step.program), step.args, { cwd: repositoryRoot, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code === 0 ? undefined : `${step.program} ended with ${code}\n${printed}`));
  });
}
