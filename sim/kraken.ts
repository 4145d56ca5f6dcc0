// `npm run sim:kraken`: Kraken's published case (3 GB to 2,600 hosts at 300 MB/s each way) with the real engine on simulated
// hosts. What is scaled is said beside the figures: the content and the rate by the same factor, so that the bound stays
// ten seconds; nothing is extrapolated to hosts that did not run. `--hosts N --pieces N [--seed N] [--open] [--write]`.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../scripts/repository.ts";
import { Swarm } from "./swarm.ts";

/** https://github.com/uber/kraken: "p50 10 s, p99 18 s, p99.9 22 s". */
const THEIRS = { hosts: 2_600, boundSeconds: 10, p50: 10, p99: 18, "p99.9": 22 };
const BLOCK_BYTES = 16 * 1024;
const REAL_BYTES = 3_000_000_000;
const SHARES = { p50: 0.5, p99: 0.99, "p99.9": 0.999 };
/**
 * What one connection sends before the next one's turn. In turns of 16 KiB a request would wait for a whole piece of
 * somebody else to leave, where Kraken's waits for a 250th of one.
 */
const TURN_BYTES = 1024;
/** One way, within a data centre. */
const LATENCY_MS = 1;

const { values } = parseArgs({
  options: {
    hosts: { type: "string", default: "100" },
    pieces: { type: "string", default: "192" },
    seed: { type: "string", default: "1" },
    open: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const hosts = Number(values.hosts);
const pieces = Number(values.pieces);
const contentBytes = pieces * BLOCK_BYTES;
const outcome = await new Swarm({
  seed: Number(values.seed),
  leechers: hosts,
  seeders: 1,
  poisoners: 0,
  contentBytes,
  pieceLengthBytes: BLOCK_BYTES,
  latencyMs: LATENCY_MS,
  lossRate: 0,
  turnBytes: TURN_BYTES,
  bytesPerSecond: contentBytes / THEIRS.boundSeconds,
  faults: 0,
  closedSwarm: !values.open,
  deadlineMs: 3_600_000,
  startSpreadMs: 0,
}).run();
const secondsAt = (share: number) => (outcome.finishedAtMs.at(Math.ceil(share * hosts) - 1) ?? 0) / 1_000;
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: repositoryRoot, encoding: "utf8" }).trim();
const report = [
  "# Kraken's case, simulated",
  "",
  `${hosts} hosts and one seeder, ${pieces} pieces of 16 KiB, ${values.open ? "an open" : "a closed"} swarm, each host knows the seeder and 23 others, ${LATENCY_MS} ms one way, connections in turns of ${TURN_BYTES} bytes, seed ${values.seed}.`,
  `Content and rate are scaled by 1/${Math.round(REAL_BYTES / contentBytes)}, so that the bound stays ${THEIRS.boundSeconds} s; Kraken moved 750 pieces of 4 MB. The engine is the real one, the processor's time is not part of the figures.`,
  `Machine: ${cpus()[0]?.model ?? "unknown"}, node ${process.version}, commit ${commit}. Written by \`npm run sim:kraken -- --hosts ${hosts} --pieces ${pieces} --write\`.`,
  "",
  `| | ours, ${hosts} hosts | of the bound | Kraken, ${THEIRS.hosts} hosts |`,
  "|---|---|---|---|",
  ...(["p50", "p99", "p99.9"] as const).map((name) => {
    const seconds = secondsAt(SHARES[name]);
    return `| ${name} | ${seconds.toFixed(1)} s | ${(seconds / THEIRS.boundSeconds).toFixed(2)} | ${THEIRS[name]} s |`;
  }),
  "",
].join("\n");
process.stdout.write(`${report}${outcome.events} events, trace ${outcome.traceHash.slice(0, 16)}\n`);
if (values.write) writeFileSync(join(repositoryRoot, "bench/results/kraken.md"), report);
