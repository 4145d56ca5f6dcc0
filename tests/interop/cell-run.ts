// Runs one cell in its own lab and says in a sentence what went wrong, or nothing.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { completed, type Source } from "../lab/clients/client.ts";
import { type CreatedTorrent, Libtorrent } from "../lab/clients/libtorrent.ts";
import { Opentracker } from "../lab/clients/opentracker.ts";
import { hashesOf, writeFiles } from "../lab/content.ts";
import { Lab } from "../lab/lab.ts";
import type { Cell } from "./cell.ts";
import { ENGINE_PORT, type EngineCall, engineGet, engineSeed } from "./engine-command.ts";

const PIECE_BYTES = 65_536;
const WITHIN_MS = 60_000;

export async function runCell(cell: Cell): Promise<void> {
  using lab = Lab.create();
  const bench = await prepare(lab, cell);
  using tracker = bench.tracker;
  const host = lab.host("client");
  const overUtp = cell.connection === "uTP" || cell.connection === "MSE over uTP";
  const encrypted = cell.connection === "MSE" || cell.connection === "MSE over uTP";
  using client = await cell.peer.start(host, {
    folder: bench.folder("client"),
    encryption: encrypted ? "require" : "off",
    utp: overUtp,
  });
  const target = bench.folder("target");
  const call: EngineCall = {
    transport: overUtp ? "utp" : "tcp",
    encryption: encrypted ? "require" : "off",
    trackers: true,
  };
  if (cell.role === "leech") {
    await completed(client, await client.add({ file: bench.file }, bench.content));
    const peers = [`${host.address}:${client.port}`];
    using program = engineGet(lab.host("engine"), bench.source, target, { ...call, peers });
    const end = await program.end(WITHIN_MS);
    assert.equal(end.code, 0, program.tail());
    assert.match(program.stdout, /"event":"done"/);
  } else {
    const engineHost = lab.host("engine");
    const transfer = await client.add(bench.source, target);
    // A client that takes no peers by hand is dialled.
    const peers = transfer.addPeer === undefined ? [`${host.address}:${client.port}`] : [];
    using program = await engineSeed(engineHost, bench.file, bench.content, { ...call, peers });
    await transfer.addPeer?.(engineHost.address, ENGINE_PORT);
    await completed(client, transfer, WITHIN_MS).catch((thrown: unknown) => {
      throw new Error(`our engine said: ${program.tail()}`, { cause: thrown });
    });
  }
  assert.deepEqual(withoutPads(hashesOf(join(target, "files"))), hashesOf(join(bench.content, "files")));
  assert.ok(!tracker.program.hasEnded, "the tracker lived through the transfer");
}

type Bench = {
  readonly tracker: Opentracker;
  readonly content: string;
  readonly file: string;
  readonly source: Source;
  folder(name: string): string;
};

/** Real files, a torrent of them made by libtorrent, and a tracker for the clients that take no peers by hand. */
async function prepare(lab: Lab, cell: Cell): Promise<Bench> {
  const folder = (name: string): string => {
    const path = join(lab.folder, name);
    mkdirSync(path);
    return path;
  };
  const content = folder("content");
  writeFiles(content, { "files/large.bin": 5_000_000, "files/deep/small.bin": 70_001, "files/tiny.bin": 3 });
  const tracker = await Opentracker.start(lab.host("tracker"), folder("tracker"));
  const file = join(lab.folder, "a.torrent");
  using maker = await Libtorrent.maker();
  const created = await maker.create({
    path: join(content, "files"),
    output: file,
    format: cell.format,
    pieceBytes: PIECE_BYTES,
    trackers: [tracker.announceUrl],
  });
  tracker.allow(hashes(created));
  return { tracker, content, file, source: cell.source === "magnet" ? { magnet: created.magnet } : { file }, folder };
}

function hashes(created: CreatedTorrent): string[] {
  return [created.infoHashV1, created.infoHashV2].filter((hash) => hash !== null);
}

// A v1 client takes the padding of a hybrid torrent (BEP 47) for files.
function withoutPads(found: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(found).filter(([path]) => !path.includes(".pad/")));
}
