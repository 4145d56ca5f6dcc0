// Members of a closed swarm refuse what they cannot send soon, and ask elsewhere for what was refused.

import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { add, fill, PORT, type Sample, ScriptedPeer, sampleTorrent, TestWorld } from "../engine-under-test.ts";

const MEMBER = "10.0.0.1";
const OTHERS = ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"];
const BLOCK_BYTES = 16 * 1024;
const BLOCKS = 2;
const PIECES = 8;

/** Says who it is, and whether it knows what a refusal means. */
function greet(peer: ScriptedPeer, host: string, { metainfo }: Sample, takesRefusals: boolean): void {
  peer.handshake(present(metainfo.infoHashV1, "a hash"), { peerId: Buffer.from(host.padEnd(20)) });
  const payload = Buffer.from(takesRefusals ? "d1:md11:sg_refusalsi1eee" : "d1:mdee");
  peer.send({ type: "extended", extendedId: 0, payload }, { type: "haveNone" });
}

/** Asks a seeder for all eight pieces at once. */
async function askForAll(takesRefusals: boolean): Promise<ScriptedPeer> {
  const world = new TestWorld();
  const sample = sampleTorrent({ bytes: PIECES * BLOCKS * BLOCK_BYTES });
  fill(world.disk(MEMBER), sample);
  add(await world.engine(MEMBER), sample, { closedSwarm: true, superSeed: false });
  const peer = await new ScriptedPeer().dial(world, "10.0.0.9", { host: MEMBER, port: PORT });
  greet(peer, "10.0.0.9", sample, takesRefusals);
  peer.send({ type: "interested" });
  truthy(await world.until(() => peer.of("unchoke").length > 0, 5_000));
  for (let piece = 0; piece < PIECES; piece++) {
    for (let block = 0; block < BLOCKS; block++) {
      peer.send({ type: "request", piece, beginBytes: block * BLOCK_BYTES, lengthBytes: BLOCK_BYTES });
    }
  }
  truthy(await world.until(() => peer.of("piece").length + peer.of("reject").length === PIECES * BLOCKS, 1_500));
  return peer;
}

test("a member that is asked for more than it can send soon refuses whole pieces, and sends the others", async () => {
  const peer = await askForAll(true);
  const refused = peer.of("reject").map(({ piece }) => piece);
  const sent = new Set(peer.of("piece").map(({ piece }) => piece));
  truthy(refused.length > 0 && sent.size >= 4);
  equal(new Set(refused).size * BLOCKS, refused.length);
  truthy(refused.every((piece) => !sent.has(piece)));
});

test("a client that has not said that it takes refusals is refused nothing", async () => {
  const peer = await askForAll(false);
  equal(peer.of("piece").length, PIECES * BLOCKS);
});

/** Four members, the first of which has the only copy of the only piece and was asked for it. */
async function askedForTheOnlyPiece() {
  const world = new TestWorld();
  const sample = sampleTorrent({ bytes: BLOCKS * BLOCK_BYTES });
  const peers = OTHERS.map(() => new ScriptedPeer());
  for (const [n, peer] of peers.entries()) {
    peer.answer = ({ type }) => {
      if (type === "interested") peer.send({ type: "unchoke" });
    };
    await peer.listen(world, present(OTHERS[n], "a host"), () => {
      greet(peer, present(OTHERS[n], "a host"), sample, true);
      if (n === 0) peer.send({ type: "have", piece: 0 });
    });
  }
  const known = OTHERS.map((host) => ({ host, port: PORT }));
  add(await world.engine(MEMBER), sample, { closedSwarm: true, peers: known });
  const [owner, other] = peers;
  truthy(owner && other);
  truthy(await world.until(() => owner.of("request").length === BLOCKS, 5_000));
  const refuse = () => {
    for (const request of owner.of("request").slice(-BLOCKS)) owner.send({ ...request, type: "reject" });
  };
  return { world, owner, other, refuse };
}

test("a piece that was refused is asked of another member that has it", async () => {
  const { world, owner, other, refuse } = await askedForTheOnlyPiece();
  other.send({ type: "have", piece: 0 });
  await world.clock.advance(20);
  deepEqual(other.of("request"), []);
  // Nothing is asked back from a member that refuses what it cannot send soon.
  deepEqual(owner.of("cancel"), []);
  refuse();
  truthy(await world.until(() => other.of("request").length === BLOCKS, 500));
});

test("whoever refused is asked again when it offers something, and not before", async () => {
  const { world, owner, refuse } = await askedForTheOnlyPiece();
  refuse();
  await world.clock.advance(50);
  equal(owner.of("request").length, BLOCKS);
  owner.send({ type: "suggest", piece: 0 });
  truthy(await world.until(() => owner.of("request").length === 2 * BLOCKS, 40));
});
