// `node bench/recheck/run.ts`: checking content that lies on disk, against what one core hashes (PERFORMANCE: goal 7). Per
// second of processor time, in turns with the hash alone and with the least that reads and hashes. `--write` keeps the
// result.

import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";
import type { Metainfo } from "../../src/domain/metainfo/metainfo.ts";
import { verifyContent } from "../../src/engine/content/verify.ts";
import type { Engine, Torrent } from "../../src/engine/contract.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { parseTorrent } from "../../src/wire/metainfo/parse.ts";
import { realListing } from "../../src/world/real/listing.ts";
import { realWorld } from "../../src/world/real/world.ts";
import { seededBytes } from "../../tests/lab/content.ts";

const FOLDER = `/dev/shm/swarmgate-recheck-${process.pid}`;
const CONTENT = "content.bin";
const PIECE_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024 * 1024;
const GOAL = 0.9;

const words = process.argv.slice(2);
const option = (name: string, otherwise: number) => {
  const at = words.indexOf(name);
  return at < 0 ? otherwise : Number(words[at + 1]);
};
const totalBytes = option("--mebibytes", 1024) * 1024 * 1024;
const rounds = option("--rounds", 5);
const pieces = totalBytes / PIECE_BYTES;

const FORMATS = { v1: "sha1", v2: "sha256" } as const;
type Format = keyof typeof FORMATS;
type Contestant = { readonly name: string; readonly run: () => Promise<void> | void };

function makeContent(): void {
  mkdirSync(FOLDER, { recursive: true });
  const file = openSync(join(FOLDER, CONTENT), "w");
  for (let at = 0; at < totalBytes; at += CHUNK_BYTES) {
    writeSync(file, seededBytes(`recheck ${at}`, Math.min(CHUNK_BYTES, totalBytes - at)));
  }
  closeSync(file);
}

function makeTorrent(format: Format): Metainfo {
  const file = join(FOLDER, `${format}.torrent`);
  const args = ["torrent", "create", join(FOLDER, CONTENT), "-o", file, "--format", format];
  execFileSync(join(repositoryRoot, "bin/swarmgate"), [...args, "--piece-length", String(PIECE_BYTES)], {
    stdio: "pipe",
  });
  const parsed = parseTorrent(readFileSync(file));
  if (!parsed.ok) throw new Error(parsed.error.code);
  return parsed.value;
}

/** Rejects unless every piece is right. */
function checked(torrent: Torrent): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = torrent.on((event) => {
      if (event.type !== "checked") return;
      stop();
      if (event.piecesDone === event.piecesTotal) resolve();
      else reject(new Error(`${event.piecesDone} of ${event.piecesTotal} pieces are right`));
    });
  });
}

async function begin(engine: Engine, metainfo: Metainfo): Promise<Torrent> {
  const added = engine.add({ source: { kind: "metainfo", metainfo }, storage: { rootDir: FOLDER }, wantedFiles: [] });
  if (!added.ok) throw new Error(added.error.code);
  await checked(added.value);
  return added.value;
}

function contestants(format: Format, metainfo: Metainfo, torrent: Torrent): Contestant[] {
  const algorithm = FORMATS[format];
  const buffer = seededBytes("one piece", PIECE_BYTES);
  const each = (action: (piece: number) => void) => () => {
    for (let piece = 0; piece < pieces; piece++) action(piece);
  };
  const file = openSync(join(FOLDER, CONTENT), "r");
  return [
    { name: "the hash alone", run: each(() => hash(algorithm, buffer, "buffer")) },
    {
      name: "read and hash, nothing else",
      run: each((piece) => {
        readSync(file, buffer, 0, PIECE_BYTES, piece * PIECE_BYTES);
        hash(algorithm, buffer, "buffer");
      }),
    },
    {
      name: "engine recheck",
      run: async () => {
        const done = checked(torrent);
        torrent.recheck();
        await done;
      },
    },
    {
      name: "torrent verify",
      run: async () => {
        const threads = Math.min(cpus().length, 4);
        const found = await verifyContent(metainfo, FOLDER, { threads }, { ...realWorld, listing: realListing });
        if (found.piecesGood !== pieces) throw new Error(`${found.piecesGood} of ${pieces} pieces are right`);
      },
    },
  ];
}

type Row = { readonly name: string; readonly cpuSecondsPerGiB: number; readonly megabytesPerSecond: number };

async function measure(format: Format, engine: Engine): Promise<Row[]> {
  const metainfo = makeTorrent(format);
  const torrent = await begin(engine, metainfo);
  const all = contestants(format, metainfo, torrent);
  const spent = new Map(all.map(({ name }) => [name, { cpu: Array<number>(), wall: Array<number>() }]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of all) {
      const startedAt = performance.now();
      const before = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(before);
      spent.get(name)?.cpu.push((user + system) / 1e6);
      spent.get(name)?.wall.push((performance.now() - startedAt) / 1000);
    }
  }
  await torrent.close();
  return [...spent].map(([name, { cpu, wall }]) => ({
    name,
    cpuSecondsPerGiB: (median(cpu) * 2 ** 30) / totalBytes,
    megabytesPerSecond: totalBytes / median(wall) / 1e6,
  }));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function linesOf(format: Format, rows: readonly Row[]): string[] {
  const alone = rows[0]?.cpuSecondsPerGiB ?? 0;
  return [
    `## ${format} (${FORMATS[format]})`,
    "",
    "| what | CPU s per GiB | of the hash's rate, per core | goal | MB/s |",
    "|---|---|---|---|---|",
    ...rows.map(({ name, cpuSecondsPerGiB, megabytesPerSecond }, n) => {
      const ratio = alone / cpuSecondsPerGiB;
      const goal = n < 2 ? "–" : `≥ ${GOAL}, ${ratio >= GOAL ? "met" : "not met"}`;
      return `| ${name} | ${cpuSecondsPerGiB.toFixed(2)} | ${ratio.toFixed(2)} | ${goal} | ${megabytesPerSecond.toFixed(0)} |`;
    }),
    "",
  ];
}

if (!words.includes("--here")) {
  // Started again at real-time priority: whatever else the machine is doing does not blur the ratios.
  execFileSync("chrt", ["--rr", "1", process.execPath, ...process.argv.slice(1), "--here"], { stdio: "inherit" });
} else {
  try {
    makeContent();
    const created = await createEngine({}, realWorld);
    if (!created.ok) throw new Error(created.error.code);
    const [v1, v2] = [await measure("v1", created.value), await measure("v2", created.value)];
    await created.value.close();
    const revision = ["rev-parse", "--short", "HEAD"];
    const commit = execFileSync("git", revision, { cwd: repositoryRoot, encoding: "utf8" }).trim();
    const text = [
      "# Recheck: content on disk against its torrent",
      "",
      `${totalBytes / 2 ** 30} GiB in tmpfs, 1 MiB pieces, medians of ${rounds} interleaved rounds.`,
      `Machine: ${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, node ${process.version}, commit ${commit}.`,
      "Written by `node bench/recheck/run.ts --write`.",
      "",
      ...linesOf("v1", v1),
      ...linesOf("v2", v2),
    ].join("\n");
    console.log(text);
    if (words.includes("--write")) writeFileSync(join(repositoryRoot, "bench/results/recheck.md"), text);
  } finally {
    rmSync(FOLDER, { recursive: true, force: true });
  }
}
