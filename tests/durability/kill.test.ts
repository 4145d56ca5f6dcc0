// kill -9 of the portal and node at twenty random moments of a download: nothing that was verified is fetched again, and
// nothing is released before it was scanned.

import assert from "node:assert/strict";
import { createHash, randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent, type LibtorrentTransfer } from "../lab/clients/libtorrent.ts";
import { hashesOf, writeFiles } from "../lab/content.ts";
import { until } from "../lab/deadline.ts";
import { Institution } from "../lab/institution.ts";
import { Lab } from "../lab/lab.ts";
import { approve, command, hireReviewer } from "../lab/people.ts";
import type { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";
import { TRACKER_PORT } from "./request-log.ts";

const KILLS = 20;
const PIECE_BYTES = 65_536;
const CONTENT_BYTES = 64_000_000;
const SEEDER_BYTES_PER_SECOND = 1_300_000;
const PAUSE_MS_MAX = 700;
const BLOCK_BYTES = 16_384;
/** Blocks that were on their way at the moment of one kill: the request window of one peer. */
const IN_FLIGHT_BYTES_MAX = 2_000_000;

test("twenty kills in mid-download", { skip: missing("ip", "python3-libtorrent") }, async () => {
  const seed = process.env["SEED"] ?? String(randomInt(1_000_000));
  process.stdout.write(`SEED=${seed}\n`);
  using lab = Lab.create();
  const swarm = await makeSwarm(lab);
  using seeder = swarm.seeder;
  using log = swarm.log;
  const data = lab.newFolder("data");
  const library = join(data, "node", "library", "files");
  const host = lab.host("campus");
  let institution = await Institution.start(host, data, lab.folder);
  try {
    const token = await hireReviewer(institution);
    await command(institution, ["get", swarm.file, "--reason", "a long download"]);
    await approve(institution, "files");
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = await verifiedPieces(institution, token);
      await until("another piece is verified", async () => {
        return (await verifiedPieces(institution, token)).size > before.size || existsSync(library);
      });
      const draw = createHash("sha256").update(`${seed} ${kill}`).digest().readUInt32BE(0);
      await new Promise((resolve) => setTimeout(resolve, draw % PAUSE_MS_MAX));
      const verified = await verifiedPieces(institution, token);
      institution.program.kill("SIGKILL");
      await institution.program.end();
      institution[Symbol.dispose]();
      if (existsSync(library))
        assert.deepEqual(hashesOf(library), hashesOf(swarm.content), "released whole or not at all");
      const askedBefore = log.stdout.length;
      institution = await Institution.start(host, data, lab.folder);
      swarm.runs.push({ verified, askedBefore });
    }
    await swarm.seeding.limitUpload(0);
    const done = await command(institution, ["get", swarm.file, "--wait"], 120_000);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.deepEqual(hashesOf(library), hashesOf(swarm.content));
    assertNothingFetchedTwice(swarm);
  } finally {
    institution[Symbol.dispose]();
  }
  assert.ok(!seeder.program.hasEnded && !log.hasEnded, "the seeder lived through it all");
});

type Run = { readonly verified: ReadonlySet<number>; readonly askedBefore: number };

type Swarm = {
  readonly seeder: Libtorrent;
  readonly seeding: LibtorrentTransfer;
  readonly log: Program;
  readonly file: string;
  readonly content: string;
  readonly runs: Run[];
};

/** libtorrent with all bytes, slow enough to be interrupted, behind a log of what is asked of it. */
async function makeSwarm(lab: Lab): Promise<Swarm> {
  const content = lab.newFolder("content");
  writeFiles(content, { "files/large.bin": CONTENT_BYTES, "files/small.bin": 100 });
  const [front, behind] = [lab.host("front"), lab.host("seeder")];
  const seeder = await Libtorrent.start(behind, {
    folder: lab.newFolder("seeder"),
    settings: { unchoke_interval: 1 },
  });
  const file = join(lab.folder, "files.torrent");
  const trackers = [`http://${front.address}:${TRACKER_PORT}/announce`];
  const path = join(content, "files");
  await seeder.create({ path, output: file, format: "v1", pieceBytes: PIECE_BYTES, trackers: [] });
  const seeding = await seeder.add({ file }, content);
  await completed(seeder, seeding);
  // The limit of a session does not hold for peers of the local network; a torrent's does.
  await seeding.limitUpload(SEEDER_BYTES_PER_SECOND);
  await seeder.create({ path, output: file, format: "v1", pieceBytes: PIECE_BYTES, trackers });
  const script = join(import.meta.dirname, "request-log.ts");
  const log = front.start(process.execPath, [script, front.address, behind.address, String(seeder.port)]);
  await log.printed(/ready/);
  return { seeder, seeding, log, file, content: path, runs: [] };
}

/** The pieces that the node has told the portal it has verified. */
async function verifiedPieces(institution: Institution, token: string): Promise<Set<number>> {
  const answer = await institution.api("GET", "/api/v1/transfers?scope=all", { token });
  const [transfer] = (answer.body["transfers"] ?? []) as { pieces: string | null }[];
  const bits = Buffer.from(transfer?.pieces ?? "", "base64");
  const held = new Set<number>();
  for (let piece = 0; piece < bits.length * 8; piece += 1) {
    if (((bits[piece >> 3] ?? 0) >> (7 - (piece & 7))) & 1) held.add(piece);
  }
  return held;
}

function assertNothingFetchedTwice(swarm: Swarm): void {
  let midway = 0;
  for (const { verified, askedBefore } of swarm.runs) {
    if (verified.size * PIECE_BYTES < CONTENT_BYTES) midway += 1;
    const asked = [...swarm.log.stdout.slice(askedBefore).matchAll(/"piece":(\d+)/g)].map((match) => Number(match[1]));
    assert.deepEqual(
      asked.filter((piece) => verified.has(piece)),
      [],
      "pieces that were verified before a kill were asked for after it",
    );
  }
  assert.ok(midway >= KILLS / 2, `only ${midway} of ${KILLS} kills were in mid-download`);
  const askedBytes = [...swarm.log.stdout.matchAll(/"piece":/g)].length * BLOCK_BYTES;
  assert.ok(
    askedBytes <= CONTENT_BYTES + KILLS * IN_FLIGHT_BYTES_MAX,
    `${askedBytes} bytes were asked for of ${CONTENT_BYTES}`,
  );
}
