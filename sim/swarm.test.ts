// One seed, one run: the engine under simulated crashes, walls, full disks and liars, held to its invariants. A hundred
// nodes once; the small swarms say faster which part of it broke.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Swarm, type SwarmOptions } from "./swarm.ts";

const SMALL: SwarmOptions = {
  seed: 1,
  leechers: 12,
  seeders: 1,
  poisoners: 0,
  contentBytes: 1024 * 1024,
  pieceLengthBytes: 64 * 1024,
  latencyMs: 20,
  lossRate: 0.01,
  bytesPerSecond: 512 * 1024,
  faults: 0,
  startSpreadMs: 1_000,
  closedSwarm: false,
  deadlineMs: 600_000,
};

test("the same seed gives the same trace, another seed another", async () => {
  const [first, second, other] = [
    await new Swarm(SMALL).run(),
    await new Swarm(SMALL).run(),
    await new Swarm({ ...SMALL, seed: 2 }).run(),
  ];
  assert.equal(first.traceHash, second.traceHash);
  assert.notEqual(first.traceHash, other.traceHash);
  assert.equal(first.finishedAtMs.length, SMALL.leechers);
});

test("loss, crashes, walls, full, failing and torn disks delay a swarm, and everybody still finishes with the right bytes", async () => {
  for (const seed of [11, 12]) {
    const outcome = await new Swarm({ ...SMALL, seed, faults: 8 }).run();
    assert.equal(outcome.finishedAtMs.length, SMALL.leechers, `seed ${seed}`);
  }
});

test("H60: with three liars in ten, everybody finishes and only liars are banned", async () => {
  const outcome = await new Swarm({ ...SMALL, seed: 21, leechers: 10, poisoners: 4 }).run();
  assert.equal(outcome.finishedAtMs.length, 10);
  assert.ok(outcome.piecesFailed > 0);
  assert.ok(outcome.hostsBanned > 0);
});

test("a hundred nodes with distance, loss, crashes, walls, broken disks and a fifth of liars all finish, and only liars are banned", async () => {
  const outcome = await new Swarm({ ...SMALL, seed: 31, leechers: 79, poisoners: 20, faults: 20 }).run();
  assert.equal(outcome.finishedAtMs.length, 79);
  assert.equal(outcome.hostsBanned, 20);
});

test("a closed swarm finishes within a quarter more than the least possible time, and next to nothing is sent twice", async () => {
  const closed = { ...SMALL, seed: 31, leechers: 8, contentBytes: 4 * 1024 * 1024, latencyMs: 1, lossRate: 0 };
  const outcome = await new Swarm({ ...closed, startSpreadMs: 1, closedSwarm: true }).run();
  const leastMs = (closed.contentBytes * 1_000) / closed.bytesPerSecond;
  assert.ok((outcome.finishedAtMs.at(-1) ?? 0) < 1.25 * leastMs);
  assert.ok(outcome.wastedShare < 0.03);
});

test("crashes, walls and failing disks delay a closed swarm, and everybody still finishes", async () => {
  const outcome = await new Swarm({ ...SMALL, seed: 32, leechers: 8, faults: 8, closedSwarm: true }).run();
  assert.equal(outcome.finishedAtMs.length, 8);
});
