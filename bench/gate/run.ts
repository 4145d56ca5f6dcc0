// `npm run bench:gate`: recall and false positives over the shared captures, and packets per second beside ndpiReader on
// one file in memory, run in turns. The result is kept in bench/results with machine and commit.

import { spawnSync } from "node:child_process";
import { mkdirSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";
import { classifyCapture } from "../../src/gate/classify-capture.ts";
import { capturesFolder } from "../../tests/gate/captures.ts";
import { measureGenerated } from "./generated.ts";
import { writeMixture } from "./mixture.ts";
import { provenance } from "./provenance.ts";
import { measureRecall } from "./recall.ts";

const ROUNDS = 5;
const MIXTURE = "/dev/shm/swarmgate-bench-gate.pcap";
/** PERFORMANCE.md 9 repeats each capture twelve times; five sets of addresses make the run long enough to measure. */
const TIMES = { variants: 5, repetitions: 12 };

type Turn = { readonly seconds: number; readonly cpuSeconds: number };

function timed(program: string, words: readonly string[]): Turn {
  const script =
    "import resource,subprocess,sys,time\nt=time.time()\nsubprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL,check=True)\nu=resource.getrusage(resource.RUSAGE_CHILDREN)\nprint(time.time()-t,u.ru_utime+u.ru_stime)";
  const ran = spawnSync("/usr/bin/python3", ["-c", script, program, ...words], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`${program}: ${ran.stderr}`);
  const [seconds = 0, cpuSeconds = 0] = ran.stdout.trim().split(" ").map(Number);
  return { seconds, cpuSeconds };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

async function bytesPerFlow(): Promise<number> {
  const descriptor = openSync(MIXTURE, "r");
  const result = await classifyCapture(
    (room) => readSync(descriptor, room),
    () => undefined,
  );
  if (!result.ok) throw new Error(result.error.code);
  return Math.round(result.value.bytesAllocated / result.value.flows);
}

const folder = capturesFolder();
if (folder === undefined) throw new Error("the shared captures are not on this machine");
const { recall, falsePositives, ordinaryFlows } = await measureRecall(folder);
const mixture = writeMixture(
  ["other", "p2p", "neutral"].map((name) => join(folder, name)),
  TIMES,
  MIXTURE,
);
try {
  const ours: Turn[] = [];
  const theirs: Turn[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(timed(join(repositoryRoot, "bin/swarmgate"), ["gate", "classify", MIXTURE, "--json"]));
    theirs.push(timed("ndpiReader", ["-q", "-i", MIXTURE]));
  }
  const rate = (turns: readonly Turn[], of: (turn: Turn) => number): number =>
    Math.round(mixture.packets / median(turns.map(of)));
  const result = {
    ...provenance(),
    recall: Object.fromEntries(recall.map(({ kind, right, flows }) => [kind, `${right} of ${flows}`])),
    falsePositives: `${falsePositives} of ${ordinaryFlows} ordinary flows`,
    generated: measureGenerated(),
    mixture: { ...mixture, ...TIMES },
    packetsPerSecond: {
      swarmgate: rate(ours, (turn) => turn.seconds),
      ndpiReader: rate(theirs, (turn) => turn.seconds),
    },
    packetsPerCpuSecond: {
      swarmgate: rate(ours, (turn) => turn.cpuSeconds),
      ndpiReader: rate(theirs, (turn) => turn.cpuSeconds),
    },
    bytesPerFlow: { swarmgate: await bytesPerFlow(), ndpiReader: 688 },
  };
  mkdirSync(join(repositoryRoot, "bench/results"), { recursive: true });
  const text = JSON.stringify(result, null, 2);
  writeFileSync(join(repositoryRoot, "bench/results/gate.json"), `${text}\n`);
  process.stdout.write(`${text}\n`);
} finally {
  rmSync(MIXTURE, { force: true });
}
