// One transfer by one contestant, measured.

import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "../../tests/lab/program.ts";
import type { Command, Contestant, Job } from "./contestant.ts";
import { Link } from "./link.ts";
import { processUse } from "./process-use.ts";

export type Measured = {
  readonly contestant: string;
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  readonly cpuSecondsSeeder: number;
  readonly cpuSecondsLeecher: number;
  readonly peakRssBytesLeecher: number;
};

const WITHIN_MS = 180_000;
const CHUNK_BYTES = 1024 * 1024;
/** Beside the content: what a contestant takes for itself. */
const OWN_BYTES = 256 * 1024 * 1024;

/** The bytes are compared. CPU is counted from the start of each process to the end. */
export async function measure(contestant: Contestant, job: Job): Promise<Measured> {
  using link = new Link();
  rmSync(job.outDir, { recursive: true, force: true });
  mkdirSync(job.outDir, { recursive: true });
  const seeding = contestant.seeder(job);
  using seeder = link.seeder(seeding.program, seeding.args);
  await seeder.printed(seeding.said, WITHIN_MS);
  warmMemory(job);
  const seederBefore = processUse(seeder.pid);
  const leeching = contestant.leecher(job);
  using leecher = link.leecher(leeching.program, leeching.args);
  const seconds = await secondsSaid(leecher, leeching);
  const leecherUse = processUse(leecher.pid);
  const seederUse = processUse(seeder.pid);
  // Not killed: an orderly end is when Node keeps what it compiled, so that only a first round compiles.
  await Promise.all([leecher.stop("SIGTERM"), seeder.stop("SIGTERM")]);
  assertSame(job);
  return {
    contestant: contestant.name,
    seconds,
    megabytesPerSecond: job.totalBytes / seconds / 1e6,
    // A seeder that hashes its data when it starts is not charged for it here: only what the transfer costs counts.
    cpuSecondsSeeder: seederUse.cpuSeconds - seederBefore.cpuSeconds,
    cpuSecondsLeecher: leecherUse.cpuSeconds,
    peakRssBytesLeecher: leecherUse.peakRssBytes,
  };
}

// A virtual machine gives memory that lies free for two seconds back to its host, and fetching it again costs more than
// receiving the content: a contestant whose seeder takes longer to start would pay for it. So memory is fetched for all.
function warmMemory({ outDir, totalBytes }: Job): void {
  const path = join(outDir, "warm");
  const file = openSync(path, "w");
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let done = 0; done < totalBytes + OWN_BYTES; done += chunk.length) writeSync(file, chunk);
  closeSync(file);
  rmSync(path);
}

async function secondsSaid(program: Program, command: Command): Promise<number> {
  const match = await program.printed(command.said, WITHIN_MS);
  return Number(match[1]);
}

function assertSame({ dataDir, outDir, contentName }: Job): void {
  const [sent, received] = [dataDir, outDir].map((dir) => readFileSync(join(dir, contentName)));
  if (sent === undefined || received === undefined || !sent.equals(received)) throw new Error("the bytes differ");
}
