import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { add, contentOn, eventsOf, fill, PORT, sampleTorrent, TestWorld } from "../engine-under-test.ts";

const OURS = "10.0.0.1";
const THEIRS = "10.0.0.2";

test("two that are complete leave one another alone, until one of them lacks a piece again", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  for (const host of [OURS, THEIRS]) fill(world.disk(host), sample);
  add(await world.engine(THEIRS), sample);
  const torrent = add(await world.engine(OURS), sample, { peers: [{ host: THEIRS, port: PORT }] });
  const events = eventsOf(torrent);
  const meetings = () => events.filter(({ type }) => type === "peerConnected").length;
  truthy(await world.until(() => events.some((one) => one.type === "peerClosed" && one.why === "both-complete")));
  await world.clock.advance(60_000);
  equal(meetings(), 1);
  const rotten = Uint8Array.from(sample.bytes);
  rotten[5] = (rotten[5] ?? 0) ^ 1;
  truthy(world.disk(OURS).replace("/downloads/content.bin", rotten).ok);
  torrent.recheck();
  truthy(await world.until(() => meetings() === 2 && torrent.status().state.at === "seeding", 5_000));
  deepEqual(contentOn(world.disk(OURS)), sample.bytes);
});
