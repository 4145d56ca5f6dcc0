import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
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
const PIECES = 128;
const PIECE_BYTES = 64 * 1024;

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

test("H59, v2: of a bad piece only the bad block is fetched again, and the other sender stays", async () => {
  const world = new TestWorld(5, 200_000);
  const sample = sampleTorrent({ format: "v2", pieceBytes: 128 * 1024, bytes: 12 * 128 * 1024 });
  await honest(world, "10.0.0.10", sample);
  let sent = 0;
  await poisoner(world, "10.0.0.66", sample, (data) => ++sent === 3 && flip(data));
  const torrent = add(await world.engine(LEECH), sample, {
    peers: ["10.0.0.66", "10.0.0.10"].map((host) => ({ host, port: PORT })),
  });
  const events = eventsOf(torrent);
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(contentOn(world.disk(LEECH)), sample.bytes);
  deepEqual(
    events.flatMap((event) => (event.type === "peerBanned" ? [event.host] : [])),
    ["10.0.0.66"],
  );
  equal(torrent.status().bytesWasted, BLOCK_BYTES);
});

type Lie = { readonly name: string; readonly lies: (data: Uint8Array, piece: number, liar: number) => boolean };

const LIES: readonly Lie[] = [
  { name: "in everything", lies: () => true },
  { name: "in one block of four", lies: (data) => (data[1] ?? 0) % 4 === 0 },
  { name: "in turns", lies: (_data, piece, liar) => piece % 3 === liar },
];

for (const format of ["v1", "v2"] as const) {
  for (const { name, lies } of LIES) {
    test(`H60, ${format}: with three in ten that lie ${name} the download completes, liars alone are banned, and waste stays under 5 %`, async () => {
      const world = new TestWorld(9, 1_000_000);
      const sample = sampleTorrent({ format, pieceBytes: PIECE_BYTES, bytes: PIECES * PIECE_BYTES });
      const honestHosts = Array.from({ length: 7 }, (_, n) => `10.0.0.${10 + n}`);
      const hostile = Array.from({ length: 3 }, (_, n) => `10.0.0.${60 + n}`);
      for (const host of honestHosts) await honest(world, host, sample);
      for (const [n, host] of hostile.entries()) {
        await poisoner(world, host, sample, (data, piece) => lies(data, piece, n) && flip(data));
      }
      const torrent = add(await world.engine(LEECH), sample, {
        peers: [...hostile, ...honestHosts].map((host) => ({ host, port: PORT })),
      });
      const events = eventsOf(torrent);
      truthy(await world.until(() => torrent.status().state.at === "seeding"));
      deepEqual(contentOn(world.disk(LEECH)), sample.bytes);
      const banned = events.flatMap((event) => (event.type === "peerBanned" ? [event.host] : []));
      deepEqual(banned.toSorted(), hostile);
      const failed = events.filter((event) => event.type === "pieceFailed").length;
      truthy(failed <= 2 * hostile.length, `${failed} bad pieces of ${hostile.length} liars`);
      const wasted = torrent.status().bytesWasted / sample.bytes.length;
      truthy(wasted <= 0.05, `${(wasted * 100).toFixed(1)} % wasted`);
    });
  }
}
