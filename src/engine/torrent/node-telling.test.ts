import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { HandshakeBit } from "../../wire/peer/handshake.ts";
import type { DiscoverySource } from "../discovery/source.ts";
import { add, PORT, ScriptedPeer, sampleTorrent, TestWorld } from "../engine-under-test.ts";

const OURS = "10.0.0.1";
const THEIRS = "10.0.0.2";
const NODE_PORT = 7777;

/** A torrent with a node of the hash table, and a peer that has shaken hands. */
async function meet(options: { bits?: HandshakeBit[]; private?: boolean; isOpen?: boolean } = {}) {
  const world = new TestWorld();
  const sample = sampleTorrent({ private: options.private ?? false });
  const met: Endpoint[] = [];
  const node = { port: options.isOpen === false ? 0 : NODE_PORT };
  const source: DiscoverySource = {
    source: "dht",
    hashTable: { portFor: () => node.port, met: (place) => met.push(place) },
    start: () => ({ finished: () => undefined, status: () => [], stop: async () => undefined }),
  };
  const torrent = add(await world.engine(OURS), sample, { discovery: [source] });
  truthy(await world.until(() => torrent.status().state.at === "downloading"));
  const peer = await new ScriptedPeer().dial(world, THEIRS, { host: OURS, port: PORT });
  peer.handshake(present(sample.metainfo.infoHashV1, "a hash"), { bits: options.bits ?? ["fast", "extended", "dht"] });
  await world.clock.advance(500);
  return { world, torrent, peer, met, node };
}

test("peers tell one another where their nodes are, once", async () => {
  const { world, torrent, peer, met } = await meet();
  deepEqual(peer.of("port"), [{ type: "port", port: NODE_PORT }]);
  peer.send({ type: "port", port: 6000 });
  await world.clock.advance(3000);
  deepEqual(met, [{ host: THEIRS, port: 6000 }]);
  equal(peer.of("port").length, 1);
  equal(torrent.peers().length, 1);
});

test("a node that opens later is told of then", async () => {
  const { world, peer, node } = await meet({ isOpen: false });
  equal(peer.of("port").length, 0);
  node.port = NODE_PORT;
  await world.clock.advance(2000);
  deepEqual(peer.of("port"), [{ type: "port", port: NODE_PORT }]);
});

test("who did not say that it runs a node is told of none, and not believed", async () => {
  const { world, peer, met } = await meet({ bits: ["fast", "extended"] });
  peer.send({ type: "port", port: 6000 });
  await world.clock.advance(3000);
  equal(peer.of("port").length, 0);
  deepEqual(met, []);
});

test("H75: in a private swarm no node is spoken of, and none that a peer names is asked", async () => {
  const { world, peer, met } = await meet({ private: true });
  peer.send({ type: "port", port: 6000 });
  await world.clock.advance(3000);
  equal(peer.of("port").length, 0);
  deepEqual(met, []);
});

test("a peer that names port after port, or none, sends us knocking four times at most", async () => {
  const { world, torrent, peer, met } = await meet();
  peer.send({ type: "port", port: 0 });
  for (let port = 1; port < 1000; port++) peer.send({ type: "port", port });
  await world.clock.advance(3000);
  deepEqual(
    met.map(({ port }) => port),
    [1, 2, 3, 4],
  );
  equal(torrent.peers().length, 1);
});
