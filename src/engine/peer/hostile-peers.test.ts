import { equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { decodeExtendedHandshake } from "../../wire/peer/extended-handshake.ts";
import type { PeerMessage } from "../../wire/peer/format.ts";
import type { HandshakeBit } from "../../wire/peer/handshake.ts";
import { add, eventsOf, fill, PORT, ScriptedPeer, sampleTorrent, TestWorld } from "../engine-under-test.ts";

const VICTIM = "10.0.0.1";
const ATTACKER = "10.0.0.66";
const BLOCK = 16 * 1024;

type Setup = { format?: "v1" | "v2"; bits?: HandshakeBit[]; complete?: boolean };

/** A victim with the torrent, and an attacker that has shaken hands with it. */
async function meet({ format = "v1", bits = ["fast", "extended"], complete = true }: Setup = {}) {
  const world = new TestWorld();
  const sample = sampleTorrent({ format });
  if (complete) fill(world.disk(VICTIM), sample);
  const torrent = add(await world.engine(VICTIM), sample);
  const events = eventsOf(torrent);
  truthy(await world.until(() => ["seeding", "downloading"].includes(torrent.status().state.at)));
  const peer = await new ScriptedPeer().dial(world, ATTACKER, { host: VICTIM, port: PORT });
  const { infoHashV1, infoHashV2 } = sample.metainfo;
  peer.handshake(present(infoHashV1 ?? infoHashV2?.subarray(0, 20), "a hash"), { bits });
  await world.clock.advance(1000);
  const closedWhy = () => events.flatMap((event) => (event.type === "peerClosed" ? [event.why] : []))[0];
  return { world, sample, torrent, peer, closedWhy };
}

/** Sends the messages and tells why the victim hung up, if it did. */
async function afterSending(setup: Setup, ...messages: PeerMessage[]): Promise<string | undefined> {
  const { world, peer, closedWhy } = await meet(setup);
  equal(closedWhy(), undefined, "the handshake alone is no offence");
  peer.send(...messages);
  await world.clock.advance(2000);
  if (closedWhy() !== undefined) truthy(peer.closedWhy !== undefined, "the connection is gone at the other end too");
  return closedWhy();
}

test("H48, H49: a frame of impossible length costs the connection", async () => {
  for (const [length, id] of [
    [0xffffffff, 20],
    [0xffffffff, 7],
    [2 * 1024 * 1024 + 1, 5],
  ] as const) {
    const { world, peer, closedWhy } = await meet();
    const head = Buffer.alloc(16);
    head.writeUInt32BE(length);
    head[4] = id;
    peer.raw(head);
    await world.clock.advance(1000);
    truthy(closedWhy()?.endsWith("too-long"), String(closedWhy()));
  }
});

test("H50: an extended handshake that is no handshake costs the connection", async () => {
  const nested = `d1:m${"d1:a".repeat(200)}de${"e".repeat(200)}e`;
  for (const text of [nested, "i1e", "d", ""]) {
    const why = await afterSending({}, { type: "extended", extendedId: 0, payload: Buffer.from(text) });
    equal(why, "extended-handshake-malformed", text.slice(0, 20));
  }
});

test("H52: a bitfield of wrong length or with spare bits, or a second statement of all, costs the connection", async () => {
  equal(await afterSending({}, { type: "bitfield", bits: new Uint8Array(2) }), "bitfield-wrong");
  equal(await afterSending({}, { type: "bitfield", bits: new Uint8Array(0) }), "bitfield-wrong");
  equal(await afterSending({ complete: false }, { type: "haveAll" }, { type: "haveNone" }), "bitfield-late");
  const { world, peer, closedWhy, sample } = await meet({ complete: false });
  equal(sample.metainfo.spanBytes > 7 * 32 * 1024, true);
  peer.send({ type: "bitfield", bits: Uint8Array.of(0xff) });
  await world.clock.advance(1000);
  equal(closedWhy(), undefined, "eight pieces fill one byte");
  peer.send({ type: "bitfield", bits: Uint8Array.of(0xff) });
  await world.clock.advance(1000);
  equal(closedWhy(), undefined, "aria2 tells of news that way");
});

test("H53: a have or a request outside the torrent costs the connection", async () => {
  equal(await afterSending({}, { type: "have", piece: 8 }), "have-out-of-range");
  equal(await afterSending({}, { type: "have", piece: 0xffffffff }), "have-out-of-range");
  const request = (piece: number, beginBytes: number, lengthBytes: number): PeerMessage => ({
    type: "request",
    piece,
    beginBytes,
    lengthBytes,
  });
  equal(await afterSending({}, request(8, 0, BLOCK)), "request-out-of-range");
  equal(await afterSending({}, request(0, 32 * 1024, 1)), "request-out-of-range");
  equal(await afterSending({}, request(7, BLOCK, BLOCK)), "request-out-of-range");
  equal(await afterSending({}, request(0, 0xffffffff, 0xffffffff)), "request-length-wrong");
  equal(await afterSending({}, request(0, 0, 0)), "request-length-wrong");
});

test("H54: of 5,000 requests at once the victim queues no more than it announced, and rejects the rest by name", async () => {
  const { world, peer, closedWhy, torrent } = await meet();
  torrent.setLimits({ up: 1 });
  peer.send({ type: "interested" });
  await world.clock.advance(500);
  equal(peer.of("unchoke").length, 1);
  const greeting = decodeExtendedHandshake(present(peer.of("extended")[0], "a greeting").payload);
  const announced = greeting.ok ? present(greeting.value.requestsMax, "reqq") : 0;
  for (let n = 0; n < 5000; n++) peer.send({ type: "request", piece: n % 7, beginBytes: 0, lengthBytes: BLOCK });
  await world.clock.advance(2000);
  equal(closedWhy(), undefined);
  truthy(peer.of("reject").length >= 5000 - announced - 200, `${peer.of("reject").length} rejected`);
});

test("a request while choked, or for a piece that is not there, is rejected by name", async () => {
  const { world, peer, closedWhy } = await meet();
  peer.send({ type: "request", piece: 1, beginBytes: 0, lengthBytes: BLOCK });
  await world.clock.advance(500);
  equal(peer.of("reject").length, 1);
  equal(closedWhy(), undefined);
});

test("H55: a block that nobody asked for costs the connection", async () => {
  const why = await afterSending({}, { type: "piece", piece: 0, beginBytes: 0, data: new Uint8Array(BLOCK) });
  equal(why, "unsolicited-block");
});

test("H56: messages of an extension that was not agreed on cost the connection", async () => {
  const plain = { bits: [] as HandshakeBit[] };
  for (const message of [
    { type: "haveAll" },
    { type: "haveNone" },
    { type: "suggest", piece: 0 },
    { type: "allowedFast", piece: 0 },
    { type: "reject", piece: 0, beginBytes: 0, lengthBytes: BLOCK },
  ] satisfies PeerMessage[]) {
    equal(await afterSending(plain, message), "fast-not-agreed", message.type);
  }
  equal(
    await afterSending(plain, { type: "extended", extendedId: 0, payload: Buffer.from("de") }),
    "extensions-not-agreed",
  );
});

test("a change of mind about uploading that is no byte, or more, costs the connection", async () => {
  for (const payload of [new Uint8Array(0), new Uint8Array(2)]) {
    equal(await afterSending({}, { type: "extended", extendedId: 3, payload }), "upload-only-malformed");
  }
});

test("H57: a hash request that no client would send costs the connection; one for an unknown file is rejected", async () => {
  const range = { piecesRoot: new Uint8Array(32), baseLayer: 1, index: 0, length: 8, proofLayers: 0 };
  equal(await afterSending({ format: "v1" }, { type: "hashRequest", ...range }), "hashes-not-agreed");
  for (const change of [{ length: 3 }, { length: 1 }, { length: 0 }, { length: 1024 }, { index: 4 }]) {
    const why = await afterSending({ format: "v2" }, { type: "hashRequest", ...range, ...change });
    equal(why, "hash-request-wrong", JSON.stringify(change));
  }
  const { world, peer, closedWhy } = await meet({ format: "v2" });
  peer.send({ type: "hashRequest", ...range });
  await world.clock.advance(500);
  equal(peer.of("hashReject").length, 1);
  equal(closedWhy(), undefined);
});

test("H58: hashes that nobody asked for, forged or zero, cost the connection", async () => {
  const range = { piecesRoot: new Uint8Array(32), baseLayer: 1, index: 0, length: 8, proofLayers: 0 };
  for (const fill of [0, 1]) {
    const hashes = new Uint8Array(8 * 32).fill(fill);
    equal(await afterSending({ format: "v2" }, { type: "hashes", ...range, hashes }), "hashes-unsolicited");
  }
});

test("H64: who says nothing is gone after ten seconds, who only keeps alive after ten minutes", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const torrent = add(await world.engine(VICTIM), sample);
  truthy(await world.until(() => torrent.status().state.at === "downloading"));
  const silent = await new ScriptedPeer().dial(world, ATTACKER, { host: VICTIM, port: PORT });
  const slow = await new ScriptedPeer().dial(world, ATTACKER, { host: VICTIM, port: PORT });
  slow.raw(Uint8Array.of(19));
  await world.clock.advance(11_000);
  truthy(silent.closedWhy !== undefined && slow.closedWhy !== undefined);
  const keeping = await new ScriptedPeer().dial(world, ATTACKER, { host: VICTIM, port: PORT });
  keeping.handshake(present(sample.metainfo.infoHashV1, "a hash"));
  for (let minute = 0; minute < 12 && keeping.closedWhy === undefined; minute++) {
    keeping.raw(new Uint8Array(4));
    await world.clock.advance(60_000);
  }
  truthy(keeping.closedWhy !== undefined);
  equal(torrent.status().peersConnected, 0);
});

test("H65: a thousand strangers that never finish their handshake keep nobody else out", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  fill(world.disk(VICTIM), sample);
  const torrent = add(await world.engine(VICTIM), sample);
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  const dial = (host: string) => new ScriptedPeer().dial(world, host, { host: VICTIM, port: PORT });
  await Promise.all(Array.from({ length: 900 }, () => dial(ATTACKER)));
  const leecher = add(await world.engine("10.0.0.9"), sample, { peers: [{ host: VICTIM, port: PORT }] });
  truthy(await world.until(() => leecher.status().state.at === "seeding", 30_000));
});

test("H66: a closed swarm gives a plain handshake no answer, and does not dial plainly when there is no other way", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  fill(world.disk(VICTIM), sample);
  const listening = new ScriptedPeer();
  let dialled = 0;
  await listening.listen(world, "10.0.0.9", () => dialled++);
  const peers = [{ host: "10.0.0.9", port: PORT }];
  const torrent = add(await world.engine(VICTIM), sample, { closedSwarm: true, transports: ["tls", "tls-utp"], peers });
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  const peer = await new ScriptedPeer().dial(world, ATTACKER, { host: VICTIM, port: PORT });
  peer.handshake(present(sample.metainfo.infoHashV1, "a hash"));
  await world.clock.advance(20_000);
  truthy(peer.closedWhy !== undefined);
  equal(peer.heard.length, 0);
  equal(dialled, 0);
});

test("H67: a message under an extension that was never offered is carried nowhere and harms nothing", async () => {
  const why = await afterSending({}, { type: "extended", extendedId: 77, payload: new Uint8Array(1000).fill(1) });
  equal(why, undefined);
});

test("a handshake for another torrent, or for none, gets no answer", async () => {
  const world = new TestWorld();
  const torrent = add(await world.engine(VICTIM), sampleTorrent());
  truthy(await world.until(() => torrent.status().state.at === "downloading"));
  for (const raw of [undefined, Buffer.from("GET / HTTP/1.1\r\n\r\n")]) {
    const peer = await new ScriptedPeer().dial(world, ATTACKER, { host: VICTIM, port: PORT });
    if (raw === undefined) peer.handshake(new Uint8Array(20).fill(9));
    else peer.raw(raw);
    await world.clock.advance(500);
    truthy(peer.closedWhy !== undefined);
    equal(peer.heard.length, 0);
  }
});
