import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../base/assert.ts";
import type { TorrentFormat } from "../domain/metainfo/metainfo.ts";
import { add, contentOn, eventsOf, fill, PORT, sampleTorrent, TestWorld } from "./engine-under-test.ts";

const SEED = "10.0.0.1";
const LEECH = "10.0.0.2";

async function seeding(world: TestWorld, sample: ReturnType<typeof sampleTorrent>, host = SEED) {
  fill(world.disk(host), sample);
  const engine = await world.engine(host);
  const torrent = add(engine, sample);
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  return { engine, torrent };
}

for (const format of ["v1", "v2"] as const satisfies readonly TorrentFormat[]) {
  test(`${format}: a leecher gets every byte from a seed, and says so once`, async () => {
    const world = new TestWorld();
    const sample = sampleTorrent({ format });
    await seeding(world, sample);
    const engine = await world.engine(LEECH);
    const torrent = add(engine, sample, { peers: [{ host: SEED, port: PORT }] });
    const events = eventsOf(torrent);
    truthy(await world.until(() => events.some((event) => event.type === "finished")));
    deepEqual(contentOn(world.disk(LEECH)), sample.bytes);
    equal(events.filter((event) => event.type === "finished").length, 1);
    equal(events.filter((event) => event.type === "pieceVerified").length, torrent.status().piecesTotal);
    equal(torrent.status().bytesWasted, 0);
  });

  test(`${format}: a magnet link is enough: the description comes from the peer`, async () => {
    const world = new TestWorld();
    const sample = sampleTorrent({ format, bytes: 40 * 32 * 1024 });
    await seeding(world, sample);
    const engine = await world.engine(LEECH);
    const { infoHashV1, infoHashV2 } = sample.metainfo;
    const added = engine.add({
      source: {
        kind: "magnet",
        magnet: {
          infoHashV1,
          infoHashV2,
          displayName: undefined,
          trackers: [],
          webSeeds: [],
          peers: [],
          selectOnly: undefined,
          ignored: [],
        },
      },
      storage: { rootDir: "/downloads" },
      peers: [{ host: SEED, port: PORT }],
    });
    truthy(added.ok);
    truthy(await world.until(() => added.value.status().state.at === "seeding"));
    deepEqual(contentOn(world.disk(LEECH)), sample.bytes);
  });
}

test("leechers give one another what the seed gave only once", async () => {
  const world = new TestWorld(3, 400_000);
  const sample = sampleTorrent({ bytes: 64 * 32 * 1024 });
  const seed = await seeding(world, sample);
  const hosts = ["10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.4"];
  const everybody = [SEED, ...hosts].map((host) => ({ host, port: PORT }));
  const torrents = await Promise.all(
    hosts.map(async (host) =>
      add(await world.engine(host), sample, { peers: everybody.filter((one) => one.host !== host) }),
    ),
  );
  truthy(await world.until(() => torrents.every((torrent) => torrent.status().state.at === "seeding")));
  for (const host of hosts) deepEqual(contentOn(world.disk(host)), sample.bytes);
  truthy(
    seed.torrent.status().bytesUp < 3 * sample.bytes.length,
    "the seed did not have to send everything to everybody",
  );
});

test("only the wanted file's pieces are fetched, in the order of the content when asked for", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  await seeding(world, sample);
  const torrent = add(await world.engine(LEECH), sample, { peers: [{ host: SEED, port: PORT }], order: "sequential" });
  const events = eventsOf(torrent);
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  const order = events.flatMap((event) => (event.type === "pieceVerified" ? [event.piece] : []));
  deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  const none = add(await world.engine("10.0.0.3"), sample, { peers: [{ host: SEED, port: PORT }], wantedFiles: [] });
  await world.clock.advance(10_000);
  equal(none.status().bytesDown, 0);
});

test("no packet leaves before a torrent is added, nor to a peer that admission refuses", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const { torrent: seed } = await seeding(world, sample);
  const asked: string[] = [];
  const torrent = add(await world.engine(LEECH), sample, {
    peers: [{ host: SEED, port: PORT }],
    admission: {
      mayDial: (remote) => asked.push(remote.host) < 0,
      mayAccept: () => false,
      mayAnnounce: () => false,
    },
  });
  await world.clock.advance(60_000);
  equal(seed.status().peersConnected, 0);
  truthy(asked.length > 0);
  const { state } = torrent.status();
  deepEqual(state.at === "downloading" && state.slow, { why: "admission-refuses", peers: 1 });
});

test("H63: an engine that finds itself hangs up and does not call again", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const torrent = add(await world.engine(LEECH), sample, { peers: [{ host: LEECH, port: PORT }] });
  const events = eventsOf(torrent);
  await world.clock.advance(300_000);
  const closed = events.flatMap((event) => (event.type === "peerClosed" ? [event.why] : []));
  truthy(closed.includes("self-connection"), closed.join());
  truthy(closed.length <= 4, `${closed.length} connections to itself`);
  equal(torrent.status().peersConnected, 0);
});

test("a rate limit holds, up and down", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent({ bytes: 40 * 32 * 1024 });
  await seeding(world, sample);
  const limit = 100_000;
  const torrent = add(await world.engine(LEECH), sample, {
    peers: [{ host: SEED, port: PORT }],
    limits: { down: limit },
  });
  await world.clock.advance(10_000);
  const { bytesDown, state } = torrent.status();
  truthy(bytesDown > 0.7 * limit * 10 && bytesDown < 1.3 * limit * 10, `${bytesDown} bytes in 10 s`);
  equal(state.at === "downloading" && state.slow?.why, "rate-limited");
});

test("closing a torrent drops its connections at once", async () => {
  const world = new TestWorld(1, 100_000);
  const sample = sampleTorrent({ bytes: 200 * 32 * 1024 });
  const seed = await seeding(world, sample);
  const torrent = add(await world.engine(LEECH), sample, { peers: [{ host: SEED, port: PORT }] });
  truthy(await world.until(() => torrent.status().piecesDone > 2));
  const closing = torrent.close();
  await world.clock.advance(100);
  await closing;
  equal(torrent.status().state.at, "closed");
  equal(seed.torrent.status().peersConnected, 0);
});

test("the same content under a second add is refused, by its name", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const engine = await world.engine(LEECH);
  add(engine, sample);
  const again = engine.add({ source: { kind: "metainfo", metainfo: sample.metainfo }, storage: { rootDir: "/x" } });
  equal(again.ok, false);
  equal(!again.ok && again.error.code, "engine.torrent_exists");
  equal(present(engine.torrents()[0], "a torrent").status().state.at, "checking");
});
