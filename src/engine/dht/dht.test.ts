import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { toHex } from "../../base/bytes.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { readDhtMessage, writeQuery } from "../../wire/dht/krpc.ts";
import { idForAddress } from "../../wire/dht/node-id.ts";
import { SeededEntropy } from "../../world/sim/entropy.ts";
import { SwarmUnderTest } from "../discovery/swarm-under-test.ts";
import { AnnounceTokens } from "./announce-tokens.ts";
import { dhtDiscovery } from "./discovery.ts";
import type { DhtNode } from "./node.ts";
import { Nursery, PORT } from "./nursery-under-test.ts";
import { PeerStore } from "./peer-store.ts";
import { RoutingTable } from "./routing-table.ts";

const HASH = Uint8Array.from({ length: 20 }, (_, n) => n * 11);

async function found(nursery: Nursery, node: DhtNode, port = 0): Promise<Endpoint[]> {
  const peers: Endpoint[] = [];
  void node.announce(HASH, port, (more) => void peers.push(...more), new AbortController().signal);
  await nursery.clock.advance(20_000);
  return peers;
}

const ABOUT = { kind: "query", id: new Uint8Array(20).fill(7), readOnly: false } as const;
const to = (host: string) => ({ host, port: PORT });
const transaction = (n: number) => Uint8Array.of(n, n);

test("a peer that one node announces is found by every other of fifty", async () => {
  const nursery = new Nursery();
  const nodes = await nursery.swarm(50);
  await found(nursery, present(nodes[7], "a node"), 51_413);
  for (const n of [0, 20, 33, 49]) {
    const peers = await found(nursery, present(nodes[n], "a node"));
    truthy(
      peers.some((peer) => peer.host === nursery.address(8) && peer.port === 51_413),
      `node ${n}`,
    );
  }
});

test("peers are found when half of the nodes have gone without a word", async () => {
  const nursery = new Nursery();
  const nodes = await nursery.swarm(40);
  await found(nursery, present(nodes[3], "a node"), 4_000);
  for (let n = 20; n < 40; n++) nursery.net.crash(nursery.address(n + 1));
  const peers = await found(nursery, present(nodes[12], "a node"));
  truthy(peers.some((peer) => peer.port === 4_000));
});

test("not one packet leaves before a torrent asks", async () => {
  const nursery = new Nursery();
  const watcher = await nursery.stranger(nursery.address(1));
  nursery.node();
  const node = nursery.node({ bootstrap: [`${watcher.at.host}:7000`] });
  await nursery.clock.advance(60_000);
  equal(watcher.heard.length, 0);
  void node.open();
  await nursery.clock.advance(1_000);
  truthy(watcher.heard.length > 0);
});

test("H75: a private torrent sends nothing and asks nobody", async () => {
  const nursery = new Nursery();
  const watcher = await nursery.stranger(nursery.address(1));
  const node = nursery.node({ bootstrap: [`${watcher.at.host}:7000`] });
  const swarm = new SwarmUnderTest();
  swarm.isPrivateNow = true;
  const running = dhtDiscovery(node, nursery.clock).start(swarm);
  await nursery.clock.advance(3_600_000);
  deepEqual([watcher.heard.length, running.status()], [0, []]);
});

test("a torrent announces its port, finds others, and is told of them", async () => {
  const nursery = new Nursery();
  const nodes = await nursery.swarm(20);
  const [a, b] = [new SwarmUnderTest(9), new SwarmUnderTest(9)];
  b.port = 7_777;
  dhtDiscovery(present(nodes[5], "a node"), nursery.clock).start(b);
  await nursery.clock.advance(10_000);
  dhtDiscovery(present(nodes[9], "a node"), nursery.clock).start(a);
  await nursery.clock.advance(30_000);
  truthy(a.found.some(({ endpoint, source }) => endpoint.port === 7_777 && source === "dht"));
});

test("BEP 43: a read-only node asks but neither answers nor is known to others", async () => {
  const nursery = new Nursery();
  const nodes = await nursery.swarm(10);
  await found(nursery, present(nodes[2], "a node"), 4_000);
  const shy = nursery.node({ readOnly: true });
  void shy.open();
  await nursery.clock.advance(5_000);
  truthy(shy.size > 0);
  const before = nodes.map((node) => node.size);
  await found(nursery, shy);
  deepEqual(
    nodes.map((node) => node.size),
    before,
  );
  const asker = await nursery.stranger("10.9.9.9");
  asker.socket.send(writeQuery({ ...ABOUT, transaction: transaction(1), method: "ping" }), to(nursery.address(11)));
  await nursery.clock.advance(5_000);
  equal(asker.heard.length, 0);
});

test("BEP 5: where nobody asks for anything the tables are refreshed after a quarter of an hour", async () => {
  const nursery = new Nursery();
  const nodes = [...(await nursery.swarm(10)), ...(await nursery.swarm(50))];
  const known = (): number => nodes.reduce((sum, node) => sum + node.size, 0);
  const before = known();
  await nursery.clock.advance(14 * 60_000);
  equal(known(), before);
  await nursery.clock.advance(3 * 60_000);
  truthy(known() > before * 1.2, `${before}, then ${known()}`);
});

test("what was known is known again after a restart, without the bootstrap node", async () => {
  const nursery = new Nursery();
  await nursery.earlierRun("/state/dht");
  nursery.net.crash(nursery.address(1));
  const second = nursery.node({ statePath: "/state/dht", bootstrap: [] });
  void second.open();
  await nursery.clock.advance(10_000);
  truthy(second.size > 5, `${second.size}`);
});

test("H68: an announcement with a forged token is an error and is not stored", async () => {
  const nursery = new Nursery();
  const [node] = await nursery.swarm(1);
  const asker = await nursery.stranger("10.9.9.9");
  const token = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const query = {
    ...ABOUT,
    transaction: transaction(1),
    method: "announce_peer",
    target: HASH,
    token,
    port: 6_666,
  } as const;
  asker.socket.send(writeQuery(query), to(nursery.address(1)));
  await nursery.clock.advance(5_000);
  const [heard] = asker.heard;
  deepEqual([heard?.message?.kind, heard?.message?.kind === "error" && heard.message.code], ["error", 203]);
  equal(node?.peers.peers(HASH, nursery.clock.monotonicMs()).length, 0);
});

test("H71: until an address has proven itself, it gets no more bytes than it sent", async () => {
  const nursery = new Nursery();
  await nursery.swarm(30);
  const victim = await nursery.stranger("10.9.9.9");
  let sentBytes = 0;
  for (let n = 0; n < 200; n++) {
    const forged = writeQuery({
      ...ABOUT,
      transaction: transaction(n),
      method: n % 2 ? "get_peers" : "find_node",
      target: HASH,
      want: [4, 6],
    });
    sentBytes += forged.length;
    victim.socket.send(forged, to(nursery.address(1 + (n % 3))));
    await nursery.clock.advance(100);
  }
  await nursery.clock.advance(10_000);
  const heardBytes = victim.heard.reduce((sum, { bytes }) => sum + bytes, 0);
  truthy(heardBytes <= sentBytes, `${heardBytes} for ${sentBytes}`);
  truthy(victim.heard.every(({ message }) => message?.kind === "query" && message.method === "ping"));
});

test("H71: a flood from one address is not answered faster than its cap", async () => {
  const nursery = new Nursery();
  await nursery.swarm(1);
  const flooder = await nursery.stranger("10.9.9.9");
  for (let n = 0; n < 2_000; n++)
    flooder.socket.send(
      writeQuery({ ...ABOUT, transaction: transaction(n & 255), method: "ping" }),
      to(nursery.address(1)),
    );
  await nursery.clock.advance(900);
  truthy(flooder.heard.length <= 40, `${flooder.heard.length}`);
});

test("an answer from another address than the one that was asked is no answer", async () => {
  const nursery = new Nursery();
  const impostor = await nursery.stranger("10.9.9.9");
  const silent = await nursery.stranger("10.9.9.8");
  const node = nursery.node({ bootstrap: ["10.9.9.8:7000"] });
  void node.open();
  await nursery.clock.advance(100);
  const query = present(silent.heard[0]?.message, "a ping");
  const forged = Buffer.concat([
    Buffer.from("d1:rd2:id20:"),
    new Uint8Array(20).fill(9),
    Buffer.from("e1:t4:"),
    query.transaction,
    Buffer.from("1:y1:re"),
  ]);
  impostor.socket.send(forged, to(nursery.address(1)));
  await nursery.clock.advance(10_000);
  equal(node.size, 0);
  equal(readDhtMessage(forged)?.kind, "reply");
});

test("H74: a public node whose id does not fit its address is not routed to", () => {
  const table = new RoutingTable(new Uint8Array(20));
  const endpoint = { host: "124.31.75.21", port: 1 };
  table.heard({ id: new Uint8Array(20).fill(3), endpoint }, 0);
  equal(table.size, 0);
  table.heard({ id: idForAddress(endpoint.host, new Uint8Array(20).fill(3)), endpoint }, 0);
  equal(table.size, 1);
});

test("H73: a thousand ids of one public host take one place in a bucket", () => {
  const table = new RoutingTable(new Uint8Array(20));
  for (let n = 0; n < 1_000; n++) {
    const host = "124.31.75.21";
    const id = idForAddress(
      host,
      Uint8Array.from({ length: 20 }, (_, at) => (at < 18 ? 0x55 : n >> (at === 18 ? 8 : 0)) & 0xff),
    );
    table.heard({ id, endpoint: { host, port: 1 + n } }, 0);
  }
  truthy(table.size <= 8, `${table.size}`);
});

test("tokens are bound to the address and die after ten minutes", () => {
  const tokens = new AnnounceTokens(new SeededEntropy(1), 0);
  const token = tokens.tokenFor("10.0.0.1", 0);
  truthy(tokens.isGood(token, "10.0.0.1", 299_000));
  equal(tokens.isGood(token, "10.0.0.2", 0), false);
  truthy(tokens.isGood(token, "10.0.0.1", 301_000));
  equal(tokens.isGood(token, "10.0.0.1", 700_000), false);
});

test("the store forgets peers after half an hour, and the oldest when it is full", () => {
  const store = new PeerStore();
  for (let n = 0; n < 300; n++) store.add(HASH, { host: "10.0.0.1", port: 1 + n }, 0);
  equal(store.peers(HASH, 1).length, 200);
  equal(store.peers(HASH, 1)[0]?.port, 300);
  equal(store.peers(HASH, 31 * 60_000).length, 0);
  equal(toHex(HASH).length, 40);
});
