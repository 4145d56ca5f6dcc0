import { deepEqual, equal, notDeepEqual, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../contract.ts";
import { add, contentOn, eventsOf, fill, PORT, type Sample, sampleTorrent, TestWorld } from "../engine-under-test.ts";
import { piecesOfJournal } from "./journal.ts";
import { decodeResumeRecord, encodeResumeRecord } from "./resume-record.ts";

const SEED = "10.0.0.1";
const LEECH = "10.0.0.2";
const PEERS = [{ host: SEED, port: PORT }];

async function withSeed(seed = 1, bytesPerSecond = 500_000) {
  const world = new TestWorld(seed, bytesPerSecond);
  const sample = sampleTorrent({ bytes: 30 * 32 * 1024 });
  fill(world.disk(SEED), sample);
  const torrent = add(await world.engine(SEED), sample);
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  return { world, sample, seed: torrent };
}

async function closed(world: TestWorld, engine: Engine): Promise<void> {
  const closing = engine.close();
  await world.clock.advance(1000);
  await closing;
}

/** Runs a leecher until it has some pieces, then kills it: nothing of it runs any longer, nothing is flushed. */
async function killedMidway(world: TestWorld, sample: Sample, atPieces: number): Promise<number> {
  const engine = await world.engine(LEECH);
  const torrent = add(engine, sample, { peers: PEERS });
  truthy(await world.until(() => torrent.status().piecesDone >= atPieces));
  const { piecesDone } = torrent.status();
  world.net.crash(LEECH);
  torrent.pause();
  return piecesDone;
}

test("H139: after a kill at any moment no piece that was verified is fetched again", async () => {
  for (const [seed, atPieces] of [
    [1, 1],
    [2, 7],
    [3, 15],
    [4, 29],
  ] as const) {
    const { world, sample } = await withSeed(seed);
    const kept = await killedMidway(world, sample, atPieces);
    const torrent = add(await world.engine(LEECH), sample, { peers: PEERS });
    const events = eventsOf(torrent);
    truthy(await world.until(() => torrent.status().state.at === "seeding"));
    const checked = events.find((event) => event.type === "checked");
    truthy(checked?.type === "checked" && checked.piecesDone >= kept, "every verified piece is still there");
    equal(events.filter((event) => event.type === "pieceVerified").length, 30 - (checked?.piecesDone ?? 0));
    deepEqual(contentOn(world.disk(LEECH)), sample.bytes);
  }
});

test("H140: what a power cut takes is fetched again, and nothing that is gone counts as there", async () => {
  const { world, sample } = await withSeed();
  await killedMidway(world, sample, 10);
  world.disk(LEECH).powerCut();
  const torrent = add(await world.engine(LEECH), sample, { peers: PEERS });
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(contentOn(world.disk(LEECH)), sample.bytes);
});

test("H142, H148: a full disk stops the torrent with its reason; freed, it goes on by itself and loses nothing", async () => {
  const { world, sample } = await withSeed();
  const disk = world.disk(LEECH);
  disk.capacityBytes = 200_000;
  const torrent = add(await world.engine(LEECH), sample, { peers: PEERS });
  truthy(await world.until(() => torrent.status().state.at === "stopped"));
  const { state } = torrent.status();
  equal(state.at === "stopped" && state.why.code, "engine.disk_full");
  disk.repair();
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(contentOn(disk), sample.bytes);
});

test("H142: a disk that fails stops the torrent with a coded reason, until it is told to go on", async () => {
  const { world, sample } = await withSeed();
  const disk = world.disk(LEECH);
  const torrent = add(await world.engine(LEECH), sample, { peers: PEERS });
  truthy(await world.until(() => torrent.status().piecesDone > 3));
  disk.break("write", "disk_failed");
  truthy(await world.until(() => torrent.status().state.at === "stopped"));
  await world.clock.advance(60_000);
  const { state, peersConnected } = torrent.status();
  equal(state.at === "stopped" && state.why.code, "engine.disk_failed");
  equal(peersConnected, 0);
  disk.repair();
  torrent.resume();
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(contentOn(disk), sample.bytes);
});

test("H143: a failed sync is not reported as finished", async () => {
  const { world, sample } = await withSeed();
  world.disk(LEECH).break("sync", "disk_failed");
  const torrent = add(await world.engine(LEECH), sample, { peers: PEERS });
  const events = eventsOf(torrent);
  truthy(await world.until(() => torrent.status().state.at === "stopped"));
  equal(events.filter((event) => event.type === "finished").length, 0);
});

test("H146: a torn resume record is not believed: the data is read again, and nothing is fetched again", async () => {
  const { world, sample } = await withSeed();
  const engine = await world.engine(LEECH);
  const torrent = add(engine, sample, { peers: PEERS });
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  await closed(world, engine);
  const disk = world.disk(LEECH);
  const path = disk.paths().find((one) => one.endsWith(".resume")) ?? "";
  const record = disk.readWhole(path, 1e6);
  truthy(record.ok);
  truthy(disk.replace(path, record.value.subarray(0, record.value.length - 3)).ok);
  const resumed = add(await world.engine(LEECH), sample);
  const events = eventsOf(resumed);
  truthy(await world.until(() => resumed.status().state.at === "seeding"));
  const checked = events.find((event) => event.type === "checked");
  equal(checked?.type === "checked" && checked.piecesDone, 30);
});

test("a clean record with unchanged files is believed without reading; with a changed file it is not", async () => {
  for (const changed of [false, true]) {
    const { world, sample } = await withSeed();
    const engine = await world.engine(LEECH);
    const torrent = add(engine, sample, { peers: PEERS });
    truthy(await world.until(() => torrent.status().state.at === "seeding"));
    await closed(world, engine);
    const disk = world.disk(LEECH);
    if (changed) {
      const file = disk.open({ rootDir: "/downloads", path: ["content.bin"], access: "write", modeBits: 0o600 });
      truthy(file.ok && file.value.write([Uint8Array.of(1, 2, 3)], 40_000).ok);
    } else {
      disk.rot("/downloads/content.bin", 40_000);
    }
    const resumed = add(await world.engine(LEECH), sample);
    truthy(await world.until(() => ["seeding", "downloading"].includes(resumed.status().state.at)));
    equal(resumed.status().piecesDone, changed ? 29 : 30);
  }
});

test("H147: rot is caught before a byte of it is served, and the piece is fetched again", async () => {
  const { world, sample, seed } = await withSeed();
  const events = eventsOf(seed);
  world.disk(SEED).rot("/downloads/content.bin", 5 * 32 * 1024 + 77);
  const other = "10.0.0.5";
  fill(world.disk(other), sample);
  add(await world.engine(other), sample);
  const torrent = add(await world.engine(LEECH), sample, { peers: [...PEERS, { host: other, port: PORT }] });
  const heard = eventsOf(torrent);
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  equal(heard.filter((event) => event.type === "pieceFailed" || event.type === "peerBanned").length, 0);
  deepEqual(contentOn(world.disk(LEECH)), sample.bytes);
  notDeepEqual(
    events.filter((event) => event.type === "pieceFailed"),
    [],
  );
});

test("H141: a piece that cannot be read stops the torrent with its reason, and the peer is not lied to", async () => {
  const { world, sample, seed } = await withSeed();
  world.disk(SEED).break("read", "disk_failed");
  const torrent = add(await world.engine(LEECH), sample, { peers: PEERS });
  await world.clock.advance(30_000);
  const { state } = seed.status();
  equal(state.at === "stopped" && state.why.code, "engine.disk_failed");
  equal(torrent.status().piecesDone, 0);
});

test("a recheck forgets what does not verify any more, and fetches it", async () => {
  const { world, sample } = await withSeed();
  const torrent = add(await world.engine(LEECH), sample, { peers: PEERS });
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  world.disk(LEECH).rot("/downloads/content.bin", 100);
  torrent.recheck();
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(contentOn(world.disk(LEECH)), sample.bytes);
});

test("every truncation and every altered byte of a record is refused", () => {
  const record = {
    pieces: Uint8Array.of(0xf0),
    files: [{ sizeBytes: 5, modifiedMs: 7 }, undefined],
    infoBytes: Buffer.from("de"),
  };
  const bytes = encodeResumeRecord(record);
  const back = decodeResumeRecord(bytes);
  deepEqual(back?.files, record.files);
  for (let length = 0; length < bytes.length; length++) equal(decodeResumeRecord(bytes.subarray(0, length)), undefined);
  for (let at = 0; at < bytes.length; at++) {
    const altered = Uint8Array.from(bytes);
    altered[at] = (altered[at] ?? 0) ^ 0x40;
    equal(decodeResumeRecord(altered), undefined);
  }
});

test("an entry of the journal that was torn, or names no piece, counts for nothing", () => {
  const entry = (piece: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(piece, 0);
    bytes.writeUInt32LE(~piece >>> 0, 4);
    return bytes;
  };
  const torn = Buffer.concat([entry(1), Buffer.alloc(8), entry(3), entry(99), entry(2).subarray(0, 5)]);
  deepEqual(piecesOfJournal(torn, 10), [1, 3]);
});
