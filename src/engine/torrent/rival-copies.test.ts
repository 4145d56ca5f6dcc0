import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { encodeMessage } from "../../wire/peer/message.ts";
import {
  add,
  contentOn,
  eventsOf,
  PORT,
  type Sample,
  ScriptedPeer,
  sampleTorrent,
  TestWorld,
} from "../engine-under-test.ts";

const LEECH = { host: "10.0.0.2", port: PORT };
const HALF_BYTES = 8 * 1024;

type Request = { readonly piece: number; readonly beginBytes: number; readonly lengthBytes: number };

/** Holds everything, serves nothing by itself. */
async function holder(world: TestWorld, host: string, sample: Sample): Promise<ScriptedPeer> {
  const peer = await new ScriptedPeer().dial(world, host, LEECH);
  peer.handshake(present(sample.metainfo.infoHashV1, "a hash"), {
    peerId: new Uint8Array(20).fill(Number(host.split(".").at(-1))),
    bits: ["fast"],
  });
  peer.send({ type: "haveAll" }, { type: "unchoke" });
  await world.clock.advance(500);
  return peer;
}

function blockFor(sample: Sample, { piece, beginBytes, lengthBytes }: Request): Uint8Array {
  const begin = piece * sample.metainfo.pieceLengthBytes + beginBytes;
  const data = Uint8Array.from(sample.bytes.subarray(begin, begin + lengthBytes));
  return encodeMessage({ type: "piece", piece, beginBytes, data });
}

async function swarmOfTwo() {
  const world = new TestWorld(3);
  const sample = sampleTorrent({ pieceBytes: 64 * 1024, bytes: 64 * 1024 });
  const torrent = add(await world.engine(LEECH.host), sample);
  const events = eventsOf(torrent);
  truthy(await world.until(() => torrent.status().state.at === "downloading"));
  const honest = await holder(world, "10.0.0.10", sample);
  const liar = await holder(world, "10.0.0.66", sample);
  const twice = present(liar.of("request")[0], "a block that the honest peer was asked for before");
  truthy(honest.of("request").some(({ beginBytes }) => beginBytes === twice.beginBytes));
  return { world, sample, torrent, events, honest, liar, twice };
}

test("H59: a liar that sends half of a block while an honest peer sends the same one does not get it banned", async () => {
  const { world, sample, torrent, events, honest, liar, twice } = await swarmOfTwo();
  const right = blockFor(sample, twice);
  const wrong = right.map((byte, at) => (at < 13 ? byte : byte ^ 1));
  honest.raw(right.subarray(0, 100));
  await world.clock.advance(100);
  liar.raw(wrong.subarray(0, HALF_BYTES));
  await world.clock.advance(100);
  honest.raw(right.subarray(100));
  for (const request of honest.of("request")) {
    if (request.beginBytes !== twice.beginBytes) honest.raw(blockFor(sample, request));
  }
  truthy(await world.until(() => torrent.status().state.at === "seeding", 10_000));
  deepEqual(contentOn(world.disk(LEECH.host)), sample.bytes);
  deepEqual(
    events.filter(({ type }) => type === "pieceFailed" || type === "peerBanned"),
    [],
  );
});

test("the second copy of a block counts when the first one's sender leaves in its middle", async () => {
  const { world, sample, torrent, honest, liar: second, twice } = await swarmOfTwo();
  const block = blockFor(sample, twice);
  honest.raw(block.subarray(0, 100));
  await world.clock.advance(100);
  second.raw(block.subarray(0, HALF_BYTES));
  await world.clock.advance(100);
  honest.close();
  await world.clock.advance(100);
  second.raw(block.subarray(HALF_BYTES));
  for (const request of second.of("request").slice(1)) second.raw(blockFor(sample, request));
  truthy(await world.until(() => torrent.status().state.at === "seeding", 10_000));
  deepEqual(contentOn(world.disk(LEECH.host)), sample.bytes);
  equal(torrent.status().bytesWasted, 0);
});
