// `npm run bench:transfer`: one seeder and one leecher over a veth pair, ours, libtorrent's and the bare Node loop in
// turns (A B C A B C), v1 and v2. Only ratios of one run count (PERFORMANCE: goal 1). `--write` keeps the result.

import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";
import { seededBytes } from "../../tests/lab/content.ts";
import { bareLoop, type Contestant, type Job, LIBTORRENT, LIBTORRENT_FAST, SWARMGATE } from "./contestant.ts";
import { type Measured, measure } from "./round.ts";
import { type Summary, summarize, tableOf } from "./summary.ts";

const FOLDER = `/dev/shm/swarmgate-bench-${process.pid}`;
const PIECE_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024 * 1024;
const CONTENT = "content.bin";

const words = process.argv.slice(2);
const option = (name: string, otherwise: number) => {
  const at = words.indexOf(name);
  return at < 0 ? otherwise : Number(words[at + 1]);
};
const totalBytes = option("--mebibytes", 1024) * 1024 * 1024;
const rounds = option("--rounds", 3);

function makeContent(): void {
  mkdirSync(join(FOLDER, "data"), { recursive: true });
  const file = openSync(join(FOLDER, "data", CONTENT), "w");
  for (let at = 0; at < totalBytes; at += CHUNK_BYTES) {
    writeSync(file, seededBytes(`bench ${at}`, Math.min(CHUNK_BYTES, totalBytes - at)));
  }
  closeSync(file);
}

function makeTorrent(format: "v1" | "v2"): Job {
  const torrent = join(FOLDER, `${format}.torrent`);
  const args = ["torrent", "create", join(FOLDER, "data", CONTENT), "-o", torrent, "--format", format];
  execFileSync(join(repositoryRoot, "bin/swarmgate"), [...args, "--piece-length", String(PIECE_BYTES)], {
    stdio: "pipe",
  });
  return {
    torrent,
    dataDir: join(FOLDER, "data"),
    outDir: join(FOLDER, "out"),
    contentName: CONTENT,
    totalBytes,
    pieceBytes: PIECE_BYTES,
  };
}

async function compare(format: "v1" | "v2"): Promise<Summary> {
  const job = makeTorrent(format);
  const contestants: Contestant[] = [SWARMGATE, LIBTORRENT, bareLoop(format === "v1" ? "sha1" : "sha256")];
  if (words.includes("--all")) contestants.push(LIBTORRENT_FAST);
  const measured: Measured[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of contestants) {
      const one = await measure(contestant, job);
      measured.push(one);
      const cpu = `${one.cpuSecondsSeeder.toFixed(2)} + ${one.cpuSecondsLeecher.toFixed(2)} CPU s`;
      console.error(
        `${format} ${round}/${rounds} ${contestant.name}: ${one.megabytesPerSecond.toFixed(0)} MB/s, ${cpu}`,
      );
    }
  }
  return summarize(format, measured, totalBytes);
}

function machine() {
  const [cpu] = cpus();
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: repositoryRoot, encoding: "utf8" });
  return {
    cores: cpus().length,
    cpu: cpu?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release().replace(/-.*/, ""),
    node: process.version,
    commit: commit.trim(),
  };
}

try {
  makeContent();
  const summaries = [await compare("v1"), await compare("v2")];
  const text = tableOf(summaries, { totalBytes, rounds }, machine());
  console.log(text);
  if (words.includes("--write")) {
    const folder = join(repositoryRoot, "bench/results");
    writeFileSync(
      join(folder, "transfer.json"),
      `${JSON.stringify({ machine: machine(), totalBytes, rounds, summaries }, null, 2)}\n`,
    );
    writeFileSync(join(folder, "transfer.md"), text);
  }
} finally {
  rmSync(FOLDER, { recursive: true, force: true });
}
