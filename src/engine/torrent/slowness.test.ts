// Each reason why a transfer is slow or stuck, made to happen.

import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { describe, test } from "node:test";
import { parseMagnet } from "../../wire/metainfo/magnet.ts";
import type { Torrent, TorrentOptions } from "../contract.ts";
import type { DiscoverySource, DiscoveryStatus } from "../discovery/source.ts";
import { add, fill, PORT, type Sample, ScriptedPeer, sampleTorrent, serve, TestWorld } from "../engine-under-test.ts";
import { type SlowReason, sayWhy } from "../why.ts";
import { type SlownessInput, slownessOf } from "./slowness.ts";

const LEECH = "10.0.0.1";
const PEER = "10.0.0.2";
const OTHER = "10.0.0.3";

function whyOf(torrent: Torrent): SlowReason | undefined {
  const { state } = torrent.status();
  return state.at === "downloading" || state.at === "metadata" ? state.slow : undefined;
}

async function leech(world: TestWorld, sample: Sample, options: Partial<TorrentOptions> = {}): Promise<Torrent> {
  return add(await world.engine(LEECH), sample, { peers: [{ host: PEER, port: PORT }], ...options });
}

/** A peer with a part of the pieces, all by default; it answers nothing unless told to. */
async function peer(
  world: TestWorld,
  host: string,
  sample: Sample,
  has: "all" | number = "all",
): Promise<ScriptedPeer> {
  const scripted = new ScriptedPeer();
  const infoHash = sample.metainfo.infoHashV1;
  truthy(infoHash);
  await scripted.listen(world, host, () => {
    scripted.handshake(infoHash, { peerId: Buffer.from(host.padEnd(20)) });
    if (has === "all") scripted.send({ type: "haveAll" });
    else for (let piece = 0; piece < has; piece += 1) scripted.send({ type: "have", piece });
  });
  return scripted;
}

function tracker(status: Omit<DiscoveryStatus, "source" | "name" | "peersFound">): DiscoverySource {
  const told = { source: "tracker", name: "http://tracker.example", peersFound: 0, ...status } as const;
  return {
    source: "tracker",
    start: () => ({ finished: () => undefined, status: () => [told], stop: () => Promise.resolve() }),
  };
}

describe("without a peer", () => {
  test("nobody is known", async () => {
    const world = new TestWorld();
    const torrent = await leech(world, sampleTorrent(), { peers: [] });
    await world.clock.advance(2_000);
    deepEqual(whyOf(torrent), { why: "no-peers-known", trackerMessage: undefined });
  });

  test("the tracker refuses, in its own words", async () => {
    const world = new TestWorld();
    const discovery = [
      tracker({ state: "failing", message: "timed out" }),
      tracker({ state: "refused", message: "The tracker t refused: not registered here." }),
    ];
    const torrent = await leech(world, sampleTorrent(), { peers: [], discovery });
    await world.clock.advance(2_000);
    const why = whyOf(torrent);
    equal(why && sayWhy(why), "nobody who has this content is known: the tracker t refused: not registered here");
  });

  test("a peer that is called is told of, and one that cannot be reached", async () => {
    const world = new TestWorld();
    const torrent = await leech(world, sampleTorrent());
    truthy(await world.until(() => whyOf(torrent)?.why === "connecting", 2_000));
    truthy(await world.until(() => whyOf(torrent)?.why === "none-reachable", 20_000));
  });

  test("everybody who was known lied", async () => {
    const world = new TestWorld();
    const sample = sampleTorrent();
    const liar = await peer(world, PEER, sample);
    serve(liar, sample, (data) => data.fill(0));
    const torrent = await leech(world, sample);
    truthy(await world.until(() => whyOf(torrent)?.why === "all-banned"));
    deepEqual(whyOf(torrent), { why: "all-banned", hosts: 1 });
  });
});

describe("with peers", () => {
  test("one that has said nothing is waited for", async () => {
    const world = new TestWorld();
    const sample = sampleTorrent();
    await peer(world, PEER, sample, 0);
    const torrent = await leech(world, sample);
    truthy(await world.until(() => torrent.status().peersConnected === 1));
    deepEqual(whyOf(torrent), { why: "just-asked", peers: 1 });
  });

  test("all choke", async () => {
    const world = new TestWorld();
    const sample = sampleTorrent();
    await peer(world, PEER, sample);
    const torrent = await leech(world, sample);
    truthy(await world.until(() => whyOf(torrent)?.why === "choked-by-all"));
    deepEqual(whyOf(torrent), { why: "choked-by-all", peers: 1 });
  });

  test("one that chokes and one that has nothing new: those with missing pieces count", async () => {
    const world = new TestWorld();
    const sample = sampleTorrent();
    await peer(world, PEER, sample);
    await peer(world, OTHER, sample, 0);
    const torrent = await leech(world, sample, {
      peers: [
        { host: PEER, port: PORT },
        { host: OTHER, port: PORT },
      ],
    });
    truthy(await world.until(() => torrent.status().peersConnected === 2));
    truthy(await world.until(() => whyOf(torrent)?.why === "choked-by-all"));
    deepEqual(whyOf(torrent), { why: "choked-by-all", peers: 1 });
  });

  test("none has what is missing", async () => {
    const world = new TestWorld();
    const sample = sampleTorrent();
    const partial = await peer(world, PEER, sample, 3);
    serve(partial, sample);
    const torrent = await leech(world, sample);
    truthy(await world.until(() => whyOf(torrent)?.why === "pieces-missing"));
    const why = whyOf(torrent);
    equal(why && sayWhy(why), "1 peer connected, none has the missing 5 pieces");
  });
});

describe("with peers that give little", () => {
  test("two of three choke while the third sends", async () => {
    const world = new TestWorld(1, 20_000);
    const sample = sampleTorrent({ bytes: 40 * 32 * 1024 });
    const hosts = [PEER, OTHER, "10.0.0.4"];
    for (const host of hosts) {
      const one = await peer(world, host, sample);
      if (host === PEER) serve(one, sample);
    }
    const torrent = await leech(world, sample, { peers: hosts.map((host) => ({ host, port: PORT })) });
    truthy(await world.until(() => torrent.status().rateDown > 0 && whyOf(torrent)?.why === "choked-by-most"));
    deepEqual(whyOf(torrent), { why: "choked-by-most", peers: 3, choking: 2 });
  });

  test("one that owes for twenty seconds is silent", async () => {
    const world = new TestWorld();
    const sample = sampleTorrent();
    const silent = await peer(world, PEER, sample);
    silent.answer = (message) => message.type === "interested" && silent.send({ type: "unchoke" });
    const torrent = await leech(world, sample);
    truthy(await world.until(() => whyOf(torrent)?.why === "just-asked"));
    truthy(await world.until(() => whyOf(torrent)?.why === "peers-silent", 60_000));
  });

  test("a peer without the description is waited for", async () => {
    const world = new TestWorld();
    const sample = sampleTorrent();
    await peer(world, PEER, sample);
    const magnet = parseMagnet(`magnet:?xt=urn:btih:${Buffer.from(sample.metainfo.infoHashV1 ?? []).toString("hex")}`);
    truthy(magnet.ok);
    const torrent = await leech(world, sample, { source: { kind: "magnet", magnet: magnet.value } });
    truthy(await world.until(() => whyOf(torrent)?.why === "no-metadata"));
  });
});

test("a full disk stops it with the disk's own reason, and room lets it go on", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const seed = await world.engine(PEER);
  fill(world.disk(PEER), sample);
  add(seed, sample);
  world.disk(LEECH).capacityBytes = 40_000;
  const torrent = await leech(world, sample);
  truthy(await world.until(() => torrent.status().state.at === "stopped"));
  const { state } = torrent.status();
  equal(state.at === "stopped" && state.why.code, "engine.disk_full");
  world.disk(LEECH).capacityBytes = 1e9;
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
});

const FLOWING: SlownessInput = {
  sessions: [{ chokesUs: false, weWant: true, snubbed: false, told: true }],
  dialling: 0,
  known: 1,
  refused: 0,
  banned: 0,
  lastFailure: "",
  missingEverywhere: 0,
  needsMetadata: false,
  needsHashes: false,
  rateDown: 1_000,
  limit: undefined,
  waitsForDisk: false,
  discovery: [],
};

test("memory that waits for the disk, hashes that nobody sent, and nothing at all are told apart", () => {
  deepEqual(slownessOf({ ...FLOWING, waitsForDisk: true }), { why: "disk-slow" });
  deepEqual(slownessOf({ ...FLOWING, rateDown: 0, needsHashes: true }), { why: "no-hashes", peers: 1 });
  equal(slownessOf(FLOWING), undefined);
});

test("who waits for pieces that nobody connected has hears whether trackers know of somebody", () => {
  const said = (seeders: readonly number[]): string => {
    const discovery = seeders.map((count) => ({
      source: "tracker" as const,
      name: "a tracker",
      state: "working" as const,
      peersFound: 1,
      seeders: count,
    }));
    const sessions = [{ chokesUs: false, weWant: false, snubbed: false, told: true }];
    const reason = slownessOf({ ...FLOWING, sessions, rateDown: 0, missingEverywhere: 12, discovery });
    return reason === undefined ? "" : sayWhy(reason);
  };
  equal(said([]), "1 peer connected, none has the missing 12 pieces");
  equal(said([0]), "1 peer connected, none has the missing 12 pieces; the tracker knows of nobody who has all");
  equal(said([1, 3, 0]), "1 peer connected, none has the missing 12 pieces; the tracker counts 3 seeders");
});
