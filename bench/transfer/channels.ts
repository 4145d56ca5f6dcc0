// `node bench/transfer/channels.ts`: the other ways to carry a transfer, in turns with libtorrent's: uTP against its uTP,
// MSE against its MSE, a closed swarm's TLS against its plain TCP and against a bare TLS loop (PERFORMANCE: goals 2 to 4).
// `--only WORDS` compares only what has these words in its title; `--write` keeps the result.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";
import { Authority } from "../../tests/lab/certificates.ts";
import { seededBytes } from "../../tests/lab/content.ts";
import { BARE_DATAGRAMS, bareLoop, type Contestant, type Job, libtorrent, swarmgate } from "./contestant.ts";
import { type Measured, measure } from "./round.ts";

const FOLDER = `/dev/shm/swarmgate-channels-${process.pid}`;
const PIECE_BYTES = 1024 * 1024;
const CONTENT = "content.bin";

const words = process.argv.slice(2);
const option = (name: string, otherwise: number) => {
  const at = words.indexOf(name);
  return at < 0 ? otherwise : Number(words[at + 1]);
};
const totalBytes = option("--mebibytes", 256) * 1024 * 1024;
const rounds = option("--rounds", 3);
const only = words.includes("--only") ? (words[words.indexOf("--only") + 1] ?? "") : "";

type Comparison = {
  readonly title: string;
  readonly ours: Contestant;
  readonly theirs: Contestant;
  readonly theirJob?: Job;
  readonly job: Job;
  /** Ours, of theirs. */
  readonly goal: number;
};

type Compared = { readonly title: string; readonly ours: number; readonly theirs: number; readonly goal: number };

function makeJob(name: string, ...options: readonly string[]): Job {
  const torrent = join(FOLDER, `${name}.torrent`);
  const args = ["torrent", "create", join(FOLDER, "data", CONTENT), "-o", torrent, "--format", "v1", ...options];
  execFileSync(join(repositoryRoot, "bin/swarmgate"), [...args, "--piece-length", String(PIECE_BYTES)], {
    stdio: "pipe",
  });
  const dataDir = join(FOLDER, "data");
  return { torrent, dataDir, outDir: join(FOLDER, "out"), contentName: CONTENT, totalBytes, pieceBytes: PIECE_BYTES };
}

function comparisons(): Comparison[] {
  const open = makeJob("open");
  const authorityFolder = join(FOLDER, "authority");
  mkdirSync(authorityFolder);
  const authority = Authority.create(authorityFolder, "root");
  const closed = makeJob("closed", "--ssl-cert", join(authorityFolder, "root.pem"));
  const leaf = authority.issue({ name: CONTENT });
  const tls = swarmgate("swarmgate, TLS", "--cert", leaf.certificate, "--key", leaf.key);
  const utp = swarmgate("swarmgate, uTP", "--transport", "utp");
  const mse = swarmgate("swarmgate, MSE", "--encryption", "require");
  return [
    { title: "uTP, of libtorrent's uTP", ours: utp, theirs: libtorrent("utp"), job: open, goal: 5 },
    {
      title: "Node's bare datagrams, of libtorrent's uTP",
      ours: BARE_DATAGRAMS,
      theirs: libtorrent("utp"),
      job: open,
      goal: 5,
    },
    { title: "MSE (RC4), of libtorrent's MSE", ours: mse, theirs: libtorrent("rc4"), job: open, goal: 1 },
    {
      title: "TLS, of libtorrent's plain TCP",
      ours: tls,
      theirs: libtorrent("default"),
      theirJob: open,
      job: closed,
      goal: 1,
    },
    { title: "TLS, of the bare TLS loop", ours: tls, theirs: bareLoop("sha1", leaf), job: closed, goal: 0.85 },
  ];
}

async function compare({ title, ours, theirs, job, theirJob, goal }: Comparison): Promise<Compared> {
  const rates: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  const note = (one: Measured, kept: number[]) => {
    kept.push(one.megabytesPerSecond);
    const cpu = `${one.cpuSecondsSeeder.toFixed(2)} + ${one.cpuSecondsLeecher.toFixed(2)} CPU s`;
    console.error(`${one.contestant}: ${one.megabytesPerSecond.toFixed(1)} MB/s, ${cpu}`);
  };
  for (let round = 1; round <= rounds; round++) {
    note(await measure(ours, job), rates.ours);
    note(await measure(theirs, theirJob ?? job), rates.theirs);
  }
  return { title, ours: median(rates.ours), theirs: median(rates.theirs), goal };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function tableOf(compared: readonly Compared[]): string {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  }).trim();
  const rows = compared.map(({ title, ours, theirs, goal }) => {
    const ratio = ours / theirs;
    const verdict = ratio >= goal ? "met" : "not met";
    return `| ${title} | ${ours.toFixed(0)} | ${theirs.toFixed(0)} | ${ratio.toFixed(2)} | ≥ ${goal} | ${verdict} |`;
  });
  return [
    "# Transfer by uTP, MSE and TLS: one seeder, one leecher over a veth pair",
    "",
    `${totalBytes / 2 ** 20} MiB in tmpfs, 1 MiB pieces, v1, everything verified, medians of ${rounds} interleaved rounds.`,
    `Machine: ${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, node ${process.version}, commit ${commit}.`,
    "Written by `node bench/transfer/channels.ts --write`.",
    "",
    "| channel | ours, MB/s | theirs, MB/s | ratio | goal | |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

try {
  mkdirSync(join(FOLDER, "data"), { recursive: true });
  writeFileSync(join(FOLDER, "data", CONTENT), seededBytes("channels", totalBytes));
  const compared: Compared[] = [];
  for (const comparison of comparisons().filter(({ title }) => title.includes(only))) {
    compared.push(await compare(comparison));
  }
  const text = tableOf(compared);
  console.log(text);
  if (words.includes("--write")) writeFileSync(join(repositoryRoot, "bench/results/channels.md"), text);
} finally {
  rmSync(FOLDER, { recursive: true, force: true });
}
