import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { decodeDontHave, encodeDontHave } from "../../wire/peer/dont-have-message.ts";
import { decodeExtendedHandshake, encodeExtendedHandshake } from "../../wire/peer/extended-handshake.ts";
import {
  add,
  eventsOf,
  fill,
  PORT,
  type Sample,
  ScriptedPeer,
  sampleTorrent,
  serve,
  TestWorld,
} from "../engine-under-test.ts";

const OURS = "10.0.0.1";
const THEIRS = "10.0.0.2";
const THEIR_ID = 9;
const BLOCK = 16 * 1024;

function greeting(ids: Iterable<[string, number]>): Uint8Array {
  return encodeExtendedHandshake({
    ids: new Map(ids),
    client: undefined,
    port: undefined,
    requestsMax: undefined,
    metadataBytes: undefined,
    uploadOnly: false,
    yourAddress: undefined,
  });
}

async function meet(world: TestWorld, sample: Sample, ids: Iterable<[string, number]> = [["lt_donthave", THEIR_ID]]) {
  const peer = await new ScriptedPeer().dial(world, THEIRS, { host: OURS, port: PORT });
  peer.handshake(present(sample.metainfo.infoHashV1, "a hash"));
  peer.send({ type: "extended", extendedId: 0, payload: greeting(ids) });
  await world.clock.advance(500);
  const heard = decodeExtendedHandshake(present(peer.of("extended")[0], "a greeting").payload);
  const ourId = heard.ok ? present(heard.value.ids.get("lt_donthave"), "our id") : 0;
  const lose = (payload: Uint8Array) => peer.send({ type: "extended", extendedId: ourId, payload });
  return { peer, lose };
}

test("a piece that rots on a seed's disk is taken back from those who understand it, and nobody else is told", async () => {
  for (const speaks of [true, false]) {
    const world = new TestWorld();
    const sample = sampleTorrent();
    fill(world.disk(OURS), sample);
    const torrent = add(await world.engine(OURS), sample);
    truthy(await world.until(() => torrent.status().state.at === "seeding"));
    const { peer } = await meet(world, sample, speaks ? [["lt_donthave", THEIR_ID]] : []);
    peer.send({ type: "interested" });
    await world.clock.advance(500);
    const rotten = Uint8Array.from(sample.bytes);
    rotten[3 * 32 * 1024 + 5] = (rotten[3 * 32 * 1024 + 5] ?? 0) ^ 1;
    truthy(world.disk(OURS).replace("/downloads/content.bin", rotten).ok);
    peer.send({ type: "request", piece: 3, beginBytes: 0, lengthBytes: BLOCK });
    await world.clock.advance(500);
    equal(peer.of("reject").length, 1);
    const told = peer.of("extended").filter(({ extendedId }) => extendedId === THEIR_ID);
    deepEqual(
      told.map(({ payload }) => decodeDontHave(payload)),
      speaks ? [3] : [],
    );
    equal(torrent.status().piecesDone, 7);
  }
});

test("what a seed takes back is asked of it no more, until it has it again", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const torrent = add(await world.engine(OURS), sample);
  truthy(await world.until(() => torrent.status().state.at === "downloading"));
  const { peer, lose } = await meet(world, sample);
  peer.send({ type: "haveAll" });
  await world.clock.advance(500);
  equal(torrent.peers()[0]?.isSeed, true);
  lose(encodeDontHave(3));
  lose(encodeDontHave(3));
  await world.clock.advance(500);
  equal(torrent.peers()[0]?.piecesHeld, 7);
  serve(peer, sample);
  peer.send({ type: "unchoke" });
  truthy(await world.until(() => torrent.status().piecesDone === 7, 30_000));
  await world.clock.advance(30_000);
  equal(peer.of("request").filter(({ piece }) => piece === 3).length, 0);
  peer.send({ type: "have", piece: 3 });
  truthy(await world.until(() => torrent.status().state.at === "seeding", 30_000));
});

test("blocks that were asked for of a piece that is taken back are asked of another peer", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const torrent = add(await world.engine(OURS), sample);
  truthy(await world.until(() => torrent.status().state.at === "downloading"));
  const { peer, lose } = await meet(world, sample);
  peer.send({ type: "haveAll" }, { type: "unchoke" });
  await world.clock.advance(500);
  const asked = new Set(peer.of("request").map(({ piece }) => piece));
  truthy(asked.size > 0, "something is under way");
  for (const piece of asked) lose(encodeDontHave(piece));
  const other = await new ScriptedPeer().dial(world, "10.0.0.3", { host: OURS, port: PORT });
  other.handshake(present(sample.metainfo.infoHashV1, "a hash"), { peerId: new Uint8Array(20).fill(0x62) });
  serve(other, sample);
  other.send({ type: "haveAll" }, { type: "unchoke" });
  // Sooner than the first would be given up for its silence.
  truthy(await world.until(() => torrent.status().state.at === "seeding", 10_000));
});

test("H53: a loss outside the torrent or of no piece at all costs the connection", async () => {
  for (const [payload, why] of [
    [encodeDontHave(8), "dont-have-out-of-range"],
    [encodeDontHave(0xffff_ffff), "dont-have-out-of-range"],
    [new Uint8Array(3), "dont-have-malformed"],
    [new Uint8Array(5), "dont-have-malformed"],
    [new Uint8Array(0), "dont-have-malformed"],
  ] as const) {
    const world = new TestWorld();
    const sample = sampleTorrent();
    const torrent = add(await world.engine(OURS), sample);
    const events = eventsOf(torrent);
    truthy(await world.until(() => torrent.status().state.at === "downloading"));
    const { peer, lose } = await meet(world, sample);
    lose(payload);
    await world.clock.advance(500);
    const closed = events.flatMap((event) => (event.type === "peerClosed" ? [event.why] : []));
    deepEqual(closed, [why]);
    truthy(peer.closedWhy !== undefined);
  }
});
