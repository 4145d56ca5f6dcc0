// `npm run bench:swarm`: one seeder and N leechers behind links of one rate, ours in an open and in a closed swarm and
// libtorrent's in turns, held against the fluid bound (PERFORMANCE: goal 5). `--leechers 8,16,32`, `--rounds N`,
// `--mbit 50,25,12.5` (one rate a size: the machine must not be the limit), `--mebibytes N`, `--only NAME`; `--write` keeps the result.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../../scripts/repository.ts";
import { Authority } from "../../tests/lab/certificates.ts";
import { seededBytes } from "../../tests/lab/content.ts";
import { type Contestant, libtorrent, swarmgate } from "./contestant.ts";
import { type Measured, measure } from "./round.ts";

const FOLDER = `/dev/shm/swarmgate-swarm-${process.pid}`;
const CONTENT = "content.bin";
const PIECE_BYTES = 256 * 1024;
const GOAL = 1.1;

const { values } = parseArgs({
  options: {
    leechers: { type: "string", default: "8,16,32" },
    rounds: { type: "string", default: "3" },
    mbit: { type: "string", default: "50,25,12.5" },
    mebibytes: { type: "string", default: "64" },
    only: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const totalBytes = Number(values.mebibytes) * 1024 * 1024;
const sizes = values.leechers.split(",").map(Number);
const rates = values.mbit.split(",").map(Number);
const rounds = Number(values.rounds);

function makeTorrent(name: string, ...options: readonly string[]): string {
  const torrent = join(FOLDER, `${name}.torrent`);
  const args = ["torrent", "create", join(FOLDER, "data", CONTENT), "-o", torrent, "--format", "v1", ...options];
  execFileSync(join(repositoryRoot, "bin/swarmgate"), [...args, "--piece-length", String(PIECE_BYTES)], {
    stdio: "pipe",
  });
  return torrent;
}

function contestants(): Contestant[] {
  const open = makeTorrent("open");
  const authorityFolder = join(FOLDER, "authority");
  mkdirSync(authorityFolder);
  const authority = Authority.create(authorityFolder, "root");
  const closed = makeTorrent("closed", "--ssl-cert", join(authorityFolder, "root.pem"));
  const leaf = authority.issue({ name: CONTENT });
  const all = [
    swarmgate("closed", closed, "--cert", leaf.certificate, "--key", leaf.key),
    swarmgate("open", open),
    libtorrent(open),
  ];
  return all.filter(({ name }) => values.only === undefined || values.only.split(",").includes(name));
}

async function measureAll(): Promise<Measured[]> {
  const measured: Measured[] = [];
  const everybody = contestants();
  for (const [n, leechers] of sizes.entries()) {
    const mbit = rates[n] ?? rates.at(-1) ?? 0;
    for (let round = 1; round <= rounds; round++) {
      for (const contestant of everybody) {
        const one = await measure(contestant, {
          leechers,
          mbit,
          contentName: CONTENT,
          totalBytes,
          dataDir: join(FOLDER, "data"),
          outDir: join(FOLDER, "out"),
        });
        measured.push(one);
        console.error(
          `${leechers} leechers, ${one.contestant}: last ${one.lastSeconds.toFixed(1)} s, ${ratio(one).toFixed(2)} x the bound, ` +
            `median ${one.medianSeconds.toFixed(1)} s; the seeder sent ${one.seederSentShare.toFixed(2)} x; ` +
            `${one.cpuSeconds.toFixed(1)} CPU s, ${cpuShare(one).toFixed(2)} of the machine`,
        );
      }
    }
  }
  return measured;
}

function ratio({ lastSeconds, boundSeconds }: Measured): number {
  return lastSeconds / boundSeconds;
}

function cpuShare({ cpuSeconds, lastSeconds }: Measured): number {
  return cpuSeconds / lastSeconds / cpus().length;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

/** What the machine's namespaces inherit: how losses in the queue are answered decides how full the links are. */
function congestionControl(): string {
  return readFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "utf8").trim();
}

function tableOf(measured: readonly Measured[]): string {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  }).trim();
  const rows = sizes.flatMap((leechers) =>
    [...new Set(measured.map((one) => one.contestant))].map((contestant) => {
      const own = measured.filter((one) => one.leechers === leechers && one.contestant === contestant);
      const ratios = own.map(ratio);
      const of = (value: (one: Measured) => number) => median(own.map(value)).toFixed(2);
      const verdict = contestant === "libtorrent" ? "" : median(ratios) <= GOAL ? "met" : "not met";
      const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
      return `| ${leechers} | ${contestant} | ${of(ratio)} | ${range} | ${of((one) => one.seederSentShare)} | ${of(cpuShare)} | ${verdict} |`;
    }),
  );
  return [
    "# A whole swarm: one seeder, N leechers, every host behind a link of one rate",
    "",
    `${values.mebibytes} MiB in ${PIECE_BYTES / 1024} KiB pieces (v1), ${rates.join(", ")} Mbit/s each way by tbf (64 KiB of burst, 50 ms of queue), payload`,
    `rate 0.96 of it; everybody knows everybody; the clock runs from the seeder's readiness to the last verified byte. The`,
    `kernel's TCP is ${congestionControl()}, and no link has a length: the way back takes microseconds.`,
    `Medians of ${rounds} interleaved rounds. Machine: ${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, node ${process.version}, commit ${commit}.`,
    "Written by `npm run bench:swarm -- --write`.",
    "",
    "| leechers | who | last finisher, of the bound | from–to | seeder sent, of the content | CPU, of the machine | goal 1.10 |",
    "|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

try {
  // Whoever holds the watch must not wait for the contestants, which run at real-time priority 1.
  execFileSync("chrt", ["--rr", "-p", "2", String(process.pid)]);
  mkdirSync(join(FOLDER, "data"), { recursive: true });
  writeFileSync(join(FOLDER, "data", CONTENT), seededBytes("swarm", totalBytes));
  const text = tableOf(await measureAll());
  console.log(text);
  if (values.write) writeFileSync(join(repositoryRoot, "bench/results/swarm.md"), text);
} finally {
  rmSync(FOLDER, { recursive: true, force: true });
}
