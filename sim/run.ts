// `npm run sim`: swarms of the real engine on simulated computers, seed after seed. A failure names its seed and commit.

import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { Swarm, type SwarmOptions } from "./swarm.ts";

const { values } = parseArgs({
  options: {
    /** A..B, or one. */
    seeds: { type: "string", default: "1" },
    leechers: { type: "string", default: "100" },
    poisoners: { type: "string", default: "0" },
    faults: { type: "string", default: "20" },
    mebibytes: { type: "string", default: "8" },
    latency: { type: "string", default: "1" },
    loss: { type: "string", default: "0" },
    rate: { type: "string", default: "1" },
    piece: { type: "string", default: "64" },
    spread: { type: "string", default: "1000" },
    closed: { type: "boolean", default: false },
  },
});

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const [first = 1, last = first] = values.seeds.split("..").map(Number);
let failed = 0;
for (let seed = first; seed <= last; seed++) {
  const options: SwarmOptions = {
    seed,
    leechers: Number(values.leechers),
    seeders: 1,
    poisoners: Number(values.poisoners),
    contentBytes: Number(values.mebibytes) * 1024 * 1024,
    pieceLengthBytes: Number(values.piece) * 1024,
    latencyMs: Number(values.latency),
    lossRate: Number(values.loss),
    bytesPerSecond: Number(values.rate) * 1024 * 1024,
    faults: Number(values.faults),
    startSpreadMs: Number(values.spread),
    closedSwarm: values.closed,
    deadlineMs: 3_600_000,
  };
  const fluidSeconds = options.contentBytes / options.bytesPerSecond;
  try {
    const outcome = await new Swarm(options).run();
    const at = (share: number) => (outcome.finishedAtMs.at(Math.ceil(share * options.leechers) - 1) ?? 0) / 1_000;
    const times = [0.5, 0.99, 1].map((share) => `p${share * 100} ${at(share).toFixed(1)} s`).join(", ");
    console.log(
      `seed ${options.seed}: ${times} (bound ${fluidSeconds} s); ${outcome.piecesFailed} bad pieces, ` +
        `${outcome.hostsBanned} hosts banned, ${(100 * outcome.wastedShare).toFixed(1)} % in vain, ${outcome.events} events, trace ${outcome.traceHash.slice(0, 16)}`,
    );
  } catch (thrown) {
    failed += 1;
    console.error(`seed ${options.seed} at commit ${commit} failed with ${JSON.stringify(options)}:`, thrown);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
