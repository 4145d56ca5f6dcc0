// What a member of a closed swarm asks of others, and that members which do not do their part hold nobody up.

import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import type { Torrent, TorrentOptions } from "../contract.ts";
import {
  add,
  contentOn,
  fill,
  PORT,
  type Sample,
  ScriptedPeer,
  sampleTorrent,
  serve,
  TestWorld,
} from "../engine-under-test.ts";

const MEMBER = "10.0.0.1";
const HOLDERS = ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"];
const BLOCKS = 2;

async function join(world: TestWorld, sample: Sample, options: Partial<TorrentOptions> = {}): Promise<Torrent> {
  return add(await world.engine(MEMBER), sample, {
    closedSwarm: true,
    peers: HOLDERS.map((host) => ({ host, port: PORT })),
    ...options,
  });
}

/** A member that has these pieces, serves whoever wants something, and answers no request unless told to. */
async function holder(
  world: TestWorld,
  host: string,
  sample: Sample,
  pieces: readonly number[],
): Promise<ScriptedPeer> {
  const peer = new ScriptedPeer();
  const infoHash = sample.metainfo.infoHashV1;
  truthy(infoHash);
  await peer.listen(world, host, () => {
    peer.handshake(infoHash, { peerId: Buffer.from(host.padEnd(20)) });
    peer.send({ type: "haveNone" });
    for (const piece of pieces) peer.send({ type: "have", piece });
  });
  peer.answer = (message) => {
    if (message.type === "interested") peer.send({ type: "unchoke" });
  };
  return peer;
}

async function holders(
  world: TestWorld,
  sample: Sample,
  pieces: readonly (readonly number[])[],
): Promise<ScriptedPeer[]> {
  return Promise.all(pieces.map((own, n) => holder(world, HOLDERS[n] ?? "", sample, own)));
}

const asked = (peer: ScriptedPeer) => peer.of("request").map(({ piece }) => piece);

test("of many holders each is asked for one whole piece, and no piece is asked of two", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const peers = await holders(
    world,
    sample,
    HOLDERS.map(() => [0, 1, 2, 3, 4, 5, 6, 7]),
  );
  await join(world, sample);
  truthy(await world.until(() => peers.every((peer) => asked(peer).length > 0), 5_000));
  for (const peer of peers) {
    equal(asked(peer).length, BLOCKS);
    equal(new Set(asked(peer)).size, 1);
  }
  equal(new Set(peers.flatMap(asked)).size, HOLDERS.length);
});

test("the sender of a piece hears that it is whole, though it has it", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const [peer] = await holders(world, sample, [[3]]);
  truthy(peer);
  serve(peer, sample);
  await join(world, sample);
  truthy(await world.until(() => peer.of("have").length > 0, 5_000));
  deepEqual(peer.of("have"), [{ type: "have", piece: 3 }]);
});

test("a seeder that leaves in the middle of a piece is replaced by whoever else has it", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const [leaving, staying] = await holders(world, sample, [[0, 1, 2, 3, 4, 5, 6, 7], []]);
  truthy(leaving && staying);
  serve(staying, sample);
  const torrent = await join(world, sample);
  truthy(await world.until(() => asked(leaving).length > 0, 5_000));
  leaving.close();
  for (let piece = 0; piece < 8; piece++) staying.send({ type: "have", piece });
  truthy(await world.until(() => torrent.status().state.at === "seeding", 10_000));
  deepEqual(contentOn(world.disk(MEMBER)), sample.bytes);
});

test("a member that owes a piece and sends nothing is passed by after a second, and its requests are taken back", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent({ bytes: 2 * 32 * 1024 });
  const [stalling, quick] = await holders(world, sample, [[0], []]);
  truthy(stalling && quick);
  serve(quick, sample);
  const torrent = await join(world, sample);
  truthy(await world.until(() => asked(stalling).length === BLOCKS, 5_000));
  quick.send({ type: "have", piece: 1 }, { type: "have", piece: 0 });
  truthy(await world.until(() => torrent.status().state.at === "seeding", 10_000));
  equal(stalling.of("cancel").length, BLOCKS);
  deepEqual(contentOn(world.disk(MEMBER)), sample.bytes);
});

/** Has the piece too, serves at once, and says that it has nothing else to do. */
async function offer(world: TestWorld, peer: ScriptedPeer, piece: number): Promise<void> {
  peer.send({ type: "have", piece });
  truthy(await world.until(() => peer.of("interested").length > 0, 500));
  await world.clock.advance(50);
  peer.send({ type: "suggest", piece });
}

/** Gives back what it is asked for, when it is asked back. */
function givesBack(peer: ScriptedPeer): void {
  const { answer } = peer;
  peer.answer = (message) => {
    answer(message);
    if (message.type === "cancel") peer.send({ ...message, type: "reject" });
  };
}

test("a piece that waits in a queue moves to a new holder that is asked for nothing else", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const [owner, ...others] = await holders(world, sample, [[5], [], [], []]);
  truthy(owner);
  givesBack(owner);
  others.forEach(givesBack);
  await join(world, sample);
  truthy(await world.until(() => asked(owner).length === BLOCKS, 5_000));
  for (const other of others) other.send({ type: "have", piece: 5 });
  await world.clock.advance(500);
  // With the second copy the chances are one in two, with the third one in three, with the fourth one in four.
  const moved = others.filter((other) => asked(other).length > 0);
  equal(moved.length > 0, owner.of("cancel").length > 0);
  const waitsAt = [owner, ...others].filter((one) => asked(one).length > one.of("cancel").length);
  equal(waitsAt.length, 1);
});

/** Piece 5 waits at its owner and is asked back, because an idle member has offered it. */
async function askedBack() {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const [owner, idle] = await holders(world, sample, [[5], [], [], []]);
  truthy(owner && idle);
  const torrent = await join(world, sample);
  truthy(await world.until(() => asked(owner).length === BLOCKS, 5_000));
  await offer(world, idle, 5);
  truthy(await world.until(() => owner.of("cancel").length === BLOCKS, 500));
  return { world, sample, torrent, owner, idle };
}

test("a holder with nothing to send gets a piece that waits elsewhere, once it was given back there", async () => {
  const { world, owner, idle } = await askedBack();
  await world.clock.advance(500);
  deepEqual(asked(idle), []);
  for (const { piece, beginBytes, lengthBytes } of owner.of("cancel")) {
    owner.send({ type: "reject", piece, beginBytes, lengthBytes });
  }
  truthy(await world.until(() => asked(idle).length === BLOCKS, 500));
  deepEqual(new Set(asked(idle)), new Set([5]));
});

test("a piece that had left before it was asked back is taken from where it comes, and asked of nobody else", async () => {
  const { world, sample, torrent, owner, idle } = await askedBack();
  for (const { piece, beginBytes, lengthBytes } of owner.of("request")) {
    const begin = piece * sample.metainfo.pieceLengthBytes + beginBytes;
    owner.send({ type: "piece", piece, beginBytes, data: sample.bytes.subarray(begin, begin + lengthBytes) });
  }
  truthy(await world.until(() => torrent.status().piecesDone === 1, 5_000));
  deepEqual(asked(idle), []);
  equal(torrent.status().bytesWasted, 0);
});

test("the part of a piece that was given back is asked for again when the rest comes after all", async () => {
  const { world, sample, torrent, owner } = await askedBack();
  const [first, second] = owner.of("request");
  truthy(first && second);
  serve(owner, sample);
  const begin = 5 * sample.metainfo.pieceLengthBytes + second.beginBytes;
  owner.send(
    { ...first, type: "reject" },
    { type: "piece", piece: 5, beginBytes: second.beginBytes, data: sample.bytes.subarray(begin, begin + 16 * 1024) },
  );
  truthy(await world.until(() => torrent.status().piecesDone === 1, 5_000));
  equal(torrent.status().bytesWasted, 0);
});

test("a member that offers a piece and does not send it is passed by after a second", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent({ bytes: 32 * 1024 });
  const [owner, liar] = await holders(world, sample, [[0], [], [], []]);
  truthy(owner && liar);
  givesBack(owner);
  const torrent = await join(world, sample);
  truthy(await world.until(() => asked(owner).length === BLOCKS, 5_000));
  await offer(world, liar, 0);
  truthy(await world.until(() => asked(liar).length === BLOCKS, 500));
  serve(owner, sample);
  truthy(await world.until(() => torrent.status().state.at === "seeding", 5_000));
});

test("a member that has nothing to send offers a piece to whoever lacks it, and to few at once", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const [giver, ...others] = await holders(world, sample, [[3], [], [], [], [], []]);
  truthy(giver);
  serve(giver, sample);
  await join(world, sample);
  await world.clock.advance(50);
  for (const other of others) other.send({ type: "interested" });
  truthy(await world.until(() => giver.of("have").length > 0, 5_000));
  for (const other of others) other.send({ type: "interested" });
  const offers = () => others.flatMap((other) => other.of("suggest"));
  truthy(await world.until(() => offers().length > 0, 500));
  equal(offers().length, 4);
  deepEqual(new Set(offers().map(({ piece }) => piece)), new Set([3]));
  deepEqual(giver.of("suggest"), []);
});

test("in an open swarm nothing moves because a peer offers it", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent({ bytes: 32 * 1024 });
  const [owner, idle] = await holders(world, sample, [[0], [], [], []]);
  truthy(owner && idle);
  await join(world, sample, { closedSwarm: false });
  truthy(await world.until(() => asked(owner).length > 0, 5_000));
  const before = owner.of("cancel").length;
  for (let n = 0; n < 100; n++) idle.send({ type: "suggest", piece: 0 });
  await world.clock.advance(500);
  equal(owner.of("cancel").length, before);
});

test("a piece that has begun to arrive does not move", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const [owner, ...others] = await holders(world, sample, [[5], [], [], []]);
  truthy(owner);
  await join(world, sample);
  truthy(await world.until(() => asked(owner).length === BLOCKS, 5_000));
  const begin = 5 * sample.metainfo.pieceLengthBytes;
  owner.send({ type: "piece", piece: 5, beginBytes: 0, data: sample.bytes.subarray(begin, begin + 16 * 1024) });
  await world.clock.advance(50);
  for (const other of others) other.send({ type: "have", piece: 5 });
  await world.clock.advance(500);
  deepEqual(others.flatMap(asked), []);
});

test("a member that takes pieces and passes none on does not keep the others from finishing", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  fill(world.disk(MEMBER), sample);
  const infoHash = sample.metainfo.infoHashV1;
  truthy(infoHash);
  await join(world, sample, { peers: [] });
  const address = { host: MEMBER, port: PORT };
  // It takes all that it is shown and tells nobody that it has any of it.
  const liar = await new ScriptedPeer().dial(world, "10.0.0.9", address);
  liar.answer = (message) => {
    if (message.type !== "have") return;
    for (const beginBytes of [0, 16 * 1024]) {
      liar.send({ type: "request", piece: message.piece, beginBytes, lengthBytes: 16 * 1024 });
    }
  };
  liar.handshake(infoHash, { peerId: Buffer.from("liar".padEnd(20)) });
  liar.send({ type: "haveNone" }, { type: "interested" });
  await world.clock.advance(1_000);
  truthy(liar.of("piece").length > 0);
  const honest = add(await world.engine("10.0.0.8"), sample, { closedSwarm: true, peers: [address] });
  truthy(await world.until(() => honest.status().state.at === "seeding", 60_000));
  deepEqual(contentOn(world.disk("10.0.0.8")), sample.bytes);
});
