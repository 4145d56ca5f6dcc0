// One swarm of one contestant, measured: every host behind its own shaped link, everybody knowing everybody.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../../tests/lab/host.ts";
import { Lab } from "../../tests/lab/lab.ts";
import type { Program } from "../../tests/lab/program.ts";
import { processUse } from "../transfer/process-use.ts";
import type { Contestant } from "./contestant.ts";

export type SwarmJob = {
  readonly leechers: number;
  /** Of every link, each way, on the wire. */
  readonly mbit: number;
  readonly contentName: string;
  readonly totalBytes: number;
  /** Holds the content, for the seeder. */
  readonly dataDir: string;
  /** Gets a folder for each leecher. */
  readonly outDir: string;
};

export type Measured = {
  readonly contestant: string;
  readonly leechers: number;
  readonly boundSeconds: number;
  /** Since the seeder was ready. */
  readonly medianSeconds: number;
  readonly lastSeconds: number;
  /** What the seeder sent, of the content. */
  readonly seederSentShare: number;
  /** All processes, from the seeder's readiness to the end. */
  readonly cpuSeconds: number;
};

/** What is left for payload of a TCP segment's 1,514 bytes in an Ethernet frame. */
const PAYLOAD_SHARE = 0.96;
const STARTING_MS_MAX = 120_000;
/** Of the bound: whoever takes longer is stuck. */
const PATIENCE = 12;
/** The leechers have found one another by then: nobody measures the dialling. */
const ACQUAINTANCE_MS = 3_000;

export async function measure(contestant: Contestant, job: SwarmJob): Promise<Measured> {
  using lab = Lab.create();
  rmSync(job.outDir, { recursive: true, force: true });
  const seederHost = lab.host("seeder");
  const hosts = Array.from({ length: job.leechers }, (_, n) => lab.host(`leecher ${n + 1}`));
  const all = [seederHost, ...hosts];
  for (const host of all) host.shape({ upMbit: job.mbit, downMbit: job.mbit });
  const start = (host: Host, role: "seed" | "get", folder: string): Program => {
    const others = all.filter((other) => other !== host).map(({ address }) => address);
    const { program, args } = contestant.command({
      role,
      torrent: contestant.torrent,
      folder,
      address: host.address,
      others,
    });
    // Every contestant alike runs at real-time priority: whatever else the machine is doing does not blur the ratios.
    return host.start("chrt", ["--rr", "1", program, ...args]);
  };
  const leechers: Program[] = [];
  for (const [n, host] of hosts.entries()) {
    const folder = join(job.outDir, String(n));
    mkdirSync(folder, { recursive: true });
    leechers.push(start(host, "get", folder));
  }
  await Promise.all(leechers.map((one) => one.printed(contestant.ready, STARTING_MS_MAX)));
  await new Promise((resolve) => setTimeout(resolve, ACQUAINTANCE_MS));
  const sentBefore = sentBytes(seederHost);
  const seeder = start(seederHost, "seed", job.dataDir);
  await seeder.printed(contestant.ready, STARTING_MS_MAX);
  const beganAt = performance.now();
  const cpuBefore = cpuSeconds([seeder, ...leechers]);
  const boundSeconds = (job.totalBytes * 8) / (job.mbit * 1e6 * PAYLOAD_SHARE);
  const within = boundSeconds * PATIENCE * 1000;
  const seconds = await Promise.all(
    leechers.map(async (one) => {
      await one.printed(contestant.done, within);
      return (performance.now() - beganAt) / 1000;
    }),
  );
  const measured = {
    contestant: contestant.name,
    leechers: job.leechers,
    boundSeconds,
    medianSeconds: seconds.toSorted((a, b) => a - b)[seconds.length >> 1] ?? 0,
    lastSeconds: Math.max(...seconds),
    seederSentShare: ((sentBytes(seederHost) - sentBefore) * PAYLOAD_SHARE) / job.totalBytes,
    cpuSeconds: cpuSeconds([seeder, ...leechers]) - cpuBefore,
  };
  await Promise.all([seeder, ...leechers].map((one) => one.stop("SIGKILL")));
  assertSame(job);
  return measured;
}

function cpuSeconds(programs: readonly Program[]): number {
  return programs.reduce((sum, one) => sum + processUse(one.pid).cpuSeconds, 0);
}

function sentBytes(host: Host): number {
  return Number(host.run("cat", ["/sys/class/net/eth0/statistics/tx_bytes"]));
}

function assertSame({ dataDir, outDir, contentName, leechers }: SwarmJob): void {
  const sent = readFileSync(join(dataDir, contentName));
  for (let n = 0; n < leechers; n++) {
    if (!readFileSync(join(outDir, String(n), contentName)).equals(sent)) throw new Error("the bytes differ");
  }
}
