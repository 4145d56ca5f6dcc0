// `node bench/idle/run.ts`: what many idle torrents and many idle peers cost (PERFORMANCE: goal 6). `--write` keeps the
// result.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";
import type { Metainfo } from "../../src/domain/metainfo/metainfo.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { encode } from "../../src/wire/bencode/encode.ts";
import { parseTorrent } from "../../src/wire/metainfo/parse.ts";
import { encodeHandshake } from "../../src/wire/peer/handshake.ts";
import { realWorld } from "../../src/world/real/world.ts";

const TORRENTS = 10_000;
const PEERS = 1_000;
const PIECES = 400;
const PIECE_BYTES = 1024 * 1024;
const folder = join(tmpdir(), `swarmgate-idle-${process.pid}`);
const host = "127.0.0.1";

function torrentNumber(n: number): Metainfo {
  const pieces = Buffer.alloc(PIECES * 20);
  for (let at = 0; at < pieces.length; at += 20) createHash("sha1").update(`${n} ${at}`).digest().copy(pieces, at);
  const info = { length: PIECES * PIECE_BYTES, name: `content-${n}`, "piece length": PIECE_BYTES, pieces };
  const parsed = parseTorrent(encode({ info }));
  if (!parsed.ok) throw new Error(parsed.error.code);
  return parsed.value;
}

function residentMegabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1e6;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function addTorrent(engine: Engine, metainfo: Metainfo): void {
  const source = { kind: "metainfo", metainfo } as const;
  const added = engine.add({ source, storage: { rootDir: folder }, resumeDir: join(folder, "resume") });
  if (!added.ok) throw new Error(added.error.code);
}

async function idlePeers(engine: Engine, metainfo: Metainfo): Promise<Socket[]> {
  const port = engine.listening()[0]?.port ?? 0;
  const infoHash = metainfo.infoHashV1 ?? new Uint8Array(20);
  const sockets = Array.from({ length: PEERS }, (_, n) => {
    const peerId = createHash("sha1").update(`peer ${n}`).digest();
    const socket = connect({ host, port });
    socket.write(encodeHandshake({ bits: new Set(["fast", "extended"]), infoHash, peerId }));
    return socket.resume();
  });
  await until(() => engine.torrents()[0]?.status().peersConnected === PEERS);
  return sockets;
}

if (globalThis.gc === undefined) {
  // Started again with the collector at hand, so that garbage is not counted as memory in use.
  execFileSync(process.execPath, ["--expose-gc", ...process.argv.slice(1)], { stdio: "inherit" });
} else {
  mkdirSync(folder, { recursive: true });
  const created = await createEngine({ listen: [{ host, port: 0 }], connectionsMax: PEERS + 10 }, realWorld);
  if (!created.ok) throw new Error(created.error.code);
  const engine = created.value;
  const before = residentMegabytes();
  const metainfos = Array.from({ length: TORRENTS }, (_, n) => torrentNumber(n));
  const startedAt = performance.now();
  for (const metainfo of metainfos) addTorrent(engine, metainfo);
  await until(() => engine.torrents().every((torrent) => torrent.status().state.at === "downloading"));
  const startSeconds = (performance.now() - startedAt) / 1000;
  const torrents = residentMegabytes() - before;
  const cpuBefore = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const cpu = process.cpuUsage(cpuBefore);
  const cpuShare = (cpu.user + cpu.system) / 5e6;

  const second = await createEngine({ listen: [{ host, port: 0 }], connectionsMax: PEERS + 10 }, realWorld);
  if (!second.ok || metainfos[0] === undefined) throw new Error("no second engine");
  const source = { kind: "metainfo", metainfo: metainfos[0] } as const;
  second.value.add({ source, storage: { rootDir: join(folder, "b") }, connectionsMax: PEERS });
  await until(() => second.value.torrents()[0]?.status().state.at === "downloading");
  const beforePeers = residentMegabytes();
  const sockets = await idlePeers(second.value, metainfos[0]);
  // Both ends live in this process: half of what was added is the peers' own.
  const peers = residentMegabytes() - beforePeers;

  const lines = [
    "# Idle: what many torrents and many peers cost",
    "",
    "| what | measured | goal |",
    "|---|---|---|",
    `| ${TORRENTS} idle torrents of ${PIECES} pieces, metadata included | ${torrents.toFixed(0)} MB | ≤ 1,074 MB (1 GiB) |`,
    `| adding them, until each has looked at its disk | ${startSeconds.toFixed(1)} s | ≤ 10 s |`,
    `| processor while they idle | ${(cpuShare * 100).toFixed(1)} % of a core | – |`,
    `| ${PEERS} connected idle peers, both ends in this process | ${peers.toFixed(0)} MB | ≤ 67 MB (64 MiB) |`,
    "",
  ];
  console.log(lines.join("\n"));
  if (process.argv.includes("--write")) writeFileSync(join(repositoryRoot, "bench/results/idle.md"), lines.join("\n"));
  for (const socket of sockets) socket.destroy();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}
