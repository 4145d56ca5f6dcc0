// `npm run sim`: swarms of the real engine on simulated computers, seed after seed. A failure names its seed and commit.

import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { Swarm, type SwarmOptions } from "./swarm.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "1" },
    leechers: { type: "string", default: "100" },
    poisoners: { type: "string", default: "0" },
    faults: { type: "string", default: "20" },
    mebibytes: { type: "string", default: "8" },
    rate: { type: "string", default: "1" },
    piece: { type: "string", default: "64" },
    spread: { type: "string", default: "1000" },
    closed: { type: "boolean", default: false },
  },
});

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
let failed = 0;
for (let run = 0; run < Number(values.runs); run++) {
  const options: SwarmOptions = {
    seed: Number(values.seed) + run,
    leechers: Number(values.leechers),
    seeders: 1,
    poisoners: Number(values.poisoners),
    contentBytes: Number(values.mebibytes) * 1024 * 1024,
    pieceLengthBytes: Number(values.piece) * 1024,
    latencyMs: 1,
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
        `${outcome.hostsBanned} hosts banned, ${outcome.events} events, trace ${outcome.traceHash.slice(0, 16)}`,
    );
  } catch (thrown) {
    failed += 1;
    console.error(`seed ${options.seed} at commit ${commit} failed with ${JSON.stringify(options)}:`, thrown);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
