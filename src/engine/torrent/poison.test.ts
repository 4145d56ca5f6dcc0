import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import {
  add,
  contentOn,
  eventsOf,
  fill,
  PORT,
  type Sample,
  ScriptedPeer,
  sampleTorrent,
  serve,
  TestWorld,
} from "../engine-under-test.ts";

const LEECH = "10.0.0.2";

/** A listening peer that claims everything and alters what it sends. */
async function poisoner(
  world: TestWorld,
  host: string,
  sample: Sample,
  alter: (data: Uint8Array, piece: number) => void,
) {
  const peer = new ScriptedPeer();
  const number = Number(host.split(".").at(-1));
  await peer.listen(world, host, () => {
    peer.handshake(present(sample.metainfo.infoHashV1 ?? sample.metainfo.infoHashV2?.subarray(0, 20), "a hash"), {
      peerId: new Uint8Array(20).fill(number),
      bits: ["fast"],
    });
    peer.send({ type: "haveAll" });
  });
  serve(peer, sample, alter);
  return peer;
}

async function honest(world: TestWorld, host: string, sample: Sample): Promise<void> {
  fill(world.disk(host), sample);
  const torrent = add(await world.engine(host), sample);
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
}

const flip = (data: Uint8Array) => {
  data[0] = (data[0] ?? 0) ^ 1;
};

for (const format of ["v1", "v2"] as const) {
  test(`H59, ${format}: of two peers only the one that sent a bad block is banned`, async () => {
    const world = new TestWorld(5, 200_000);
    const sample = sampleTorrent({ format, pieceBytes: 128 * 1024, bytes: 12 * 128 * 1024 });
    await honest(world, "10.0.0.10", sample);
    await poisoner(world, "10.0.0.66", sample, flip);
    const torrent = add(await world.engine(LEECH), sample, {
      peers: [
        { host: "10.0.0.66", port: PORT },
        { host: "10.0.0.10", port: PORT },
      ],
    });
    const events = eventsOf(torrent);
    truthy(await world.until(() => torrent.status().state.at === "seeding"));
    const banned = events.flatMap((event) => (event.type === "peerBanned" ? [event.host] : []));
    deepEqual(banned, ["10.0.0.66"]);
    deepEqual(contentOn(world.disk(LEECH)), sample.bytes);
    truthy(events.filter((event) => event.type === "pieceFailed").length <= 2, "banned after two bad pieces at most");
  });
}

test("H60: with three poisoners in ten that take turns the download completes, and no honest peer is banned", async () => {
  const world = new TestWorld(9, 300_000);
  const sample = sampleTorrent({ pieceBytes: 64 * 1024, bytes: 60 * 64 * 1024 });
  const honestHosts = Array.from({ length: 7 }, (_, n) => `10.0.0.${10 + n}`);
  const hostile = Array.from({ length: 3 }, (_, n) => `10.0.0.${60 + n}`);
  for (const host of honestHosts) await honest(world, host, sample);
  for (const [n, host] of hostile.entries()) {
    // Each lies about its own third of the pieces only.
    await poisoner(world, host, sample, (data, piece) => piece % 3 === n && flip(data));
  }
  const torrent = add(await world.engine(LEECH), sample, {
    peers: [...hostile, ...honestHosts].map((host) => ({ host, port: PORT })),
  });
  const events = eventsOf(torrent);
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(contentOn(world.disk(LEECH)), sample.bytes);
  const banned = new Set(events.flatMap((event) => (event.type === "peerBanned" ? [event.host] : [])));
  for (const host of honestHosts) equal(banned.has(host), false, `${host} was banned`);
  const wasted = torrent.status().bytesWasted / sample.bytes.length;
  truthy(wasted <= 0.15, `${(wasted * 100).toFixed(1)} % wasted on three culprits of 60 pieces`);
});
