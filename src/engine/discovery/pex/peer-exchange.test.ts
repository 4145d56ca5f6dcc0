import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../../base/assert.ts";
import { decodeHolepunch, encodeHolepunch } from "../../../wire/peer/holepunch-message.ts";
import { decodePexMessage, encodePexMessage } from "../../../wire/peer/pex-message.ts";
import { SimClock } from "../../../world/sim/clock.ts";
import { PeerUnderTest, SwarmUnderTest } from "../swarm-under-test.ts";
import { AcquaintancesOfSwarms } from "./acquaintances.ts";
import { Holepunch } from "./holepunch.ts";
import { PeerExchange } from "./peer-exchange.ts";

function world() {
  const clock = new SimClock();
  const swarm = new SwarmUnderTest();
  const swarms = new AcquaintancesOfSwarms();
  const pex = new PeerExchange(clock, swarms).attach(swarm);
  const holepunch = new Holepunch(clock, swarms).attach(swarm);
  return { clock, swarm, pex, holepunch };
}

function told(peer: PeerUnderTest, index = -1) {
  const message = decodePexMessage(present(peer.sent.at(index), "a message"));
  assert.ok(message.ok);
  return {
    added: message.value.added.map(({ endpoint }) => endpoint.host),
    dropped: message.value.dropped.map(({ host }) => host),
    flags: message.value.added.map(({ flags }) => flags),
  };
}

function tell(...hosts: readonly string[]): Uint8Array {
  const flags = { prefersEncryption: false, isSeed: false, speaksUtp: false, speaksHolepunch: true, isReachable: true };
  return encodePexMessage({ added: hosts.map((host) => ({ endpoint: { host, port: 7 }, flags })), dropped: [] });
}

test("a peer is told of the others, then once a minute of who came and who left", async () => {
  const { clock, pex } = world();
  const [a, b, c] = [
    new PeerUnderTest("8.0.0.1"),
    new PeerUnderTest("8.0.0.2", { isSeed: true }),
    new PeerUnderTest("8.0.0.3"),
  ];
  pex.peerReady(a);
  pex.peerReady(b);
  await clock.advance(1000);
  assert.deepEqual(told(a).added, ["8.0.0.2"]);
  assert.equal(told(a).flags[0]?.isSeed, true);
  assert.equal(told(a).flags[0]?.speaksUtp, true);
  pex.peerReady(c);
  pex.peerGone(b);
  await clock.advance(58_000);
  assert.equal(a.sent.length, 1);
  await clock.advance(2000);
  assert.deepEqual([told(a).added, told(a).dropped], [["8.0.0.3"], ["8.0.0.2"]]);
  await clock.advance(200_000);
  assert.equal(a.sent.length, 2, "nothing new, nothing said");
});

test("peers that cannot be dialled are not passed on, and insiders are not told to outsiders", async () => {
  const { clock, pex } = world();
  const outsider = new PeerUnderTest("8.0.0.1");
  const insider = new PeerUnderTest("10.0.0.5");
  const insider2 = new PeerUnderTest("10.0.0.6");
  for (const peer of [outsider, insider, insider2, new PeerUnderTest("8.0.0.9", { dialable: false })])
    pex.peerReady(peer);
  await clock.advance(1000);
  assert.equal(outsider.sent.length, 0);
  assert.deepEqual(told(insider).added.sort(), ["10.0.0.6", "8.0.0.1"]);
});

test("what a peer tells is taken; H62: internal addresses from outside are dropped", () => {
  const { swarm, pex } = world();
  const outsider = new PeerUnderTest("8.0.0.1");
  pex.peerReady(outsider);
  pex.message(outsider, tell("8.8.8.8", "127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1"));
  assert.deepEqual(swarm.found, [{ endpoint: { host: "8.8.8.8", port: 7 }, source: "pex" }]);
});

test("H61: a flood of messages closes the connection, the rhythm of BEP 11 does not", async () => {
  const { clock, pex } = world();
  const [calm, wild] = [new PeerUnderTest("8.0.0.1"), new PeerUnderTest("8.0.0.2")];
  pex.peerReady(calm);
  pex.peerReady(wild);
  for (let n = 0; n < 20; n++) {
    pex.message(calm, tell("8.8.8.8"));
    pex.message(wild, tell("8.8.8.8"));
    pex.message(wild, tell("8.8.8.8"));
    await clock.advance(60_000);
  }
  assert.equal(calm.closedWhy, undefined);
  assert.equal(wild.closedWhy, "pex-flood");
});

test("H75: a torrent that turns out to be private is silent and deaf", async () => {
  const { clock, swarm, pex } = world();
  const [a, b] = [new PeerUnderTest("8.0.0.1"), new PeerUnderTest("8.0.0.2")];
  swarm.isPrivateNow = true;
  pex.peerReady(a);
  pex.peerReady(b);
  pex.message(a, tell("8.8.8.8"));
  await clock.advance(200_000);
  assert.deepEqual([a.sent.length, b.sent.length, swarm.found.length], [0, 0, 0]);
});

test("a malformed message closes the connection", () => {
  const { pex } = world();
  const peer = new PeerUnderTest("8.0.0.1");
  pex.peerReady(peer);
  pex.message(peer, Buffer.from("d5:added5:12345e"));
  assert.equal(peer.closedWhy, "pex-malformed");
});

test("two peers of ours are introduced to each other", () => {
  const { holepunch } = world();
  const [asker, target] = [new PeerUnderTest("8.0.0.1", { port: 50_000 }), new PeerUnderTest("8.0.0.2")];
  holepunch.peerReady(asker);
  holepunch.peerReady(target);
  holepunch.message(asker, encodeHolepunch({ type: "rendezvous", endpoint: target.remote }));
  assert.deepEqual(decodeHolepunch(present(target.sent[0], "message")), { type: "connect", endpoint: asker.remote });
  assert.deepEqual(decodeHolepunch(present(asker.sent[0], "message")), { type: "connect", endpoint: target.remote });
});

test("an introduction that cannot be made is refused with its reason", () => {
  const { holepunch } = world();
  const asker = new PeerUnderTest("8.0.0.1");
  holepunch.peerReady(asker);
  const errorFor = (host: string) => {
    holepunch.message(asker, encodeHolepunch({ type: "rendezvous", endpoint: { host, port: 6881 } }));
    const answer = decodeHolepunch(present(asker.sent.at(-1), "answer"));
    return answer?.type === "error" ? answer.error : answer?.type;
  };
  assert.equal(errorFor("8.0.0.7"), "not-connected");
  assert.equal(errorFor("8.0.0.1"), "no-self");
});

test("we are introduced through whoever told us of a peer that we could not dial, once", () => {
  const { swarm, pex, holepunch } = world();
  const relay = new PeerUnderTest("8.0.0.1");
  const asPunch = new PeerUnderTest("8.0.0.1");
  pex.peerReady(relay);
  holepunch.peerReady(asPunch);
  pex.message(relay, tell("8.8.8.8"));
  holepunch.unreachable?.({ host: "8.8.8.8", port: 7 });
  holepunch.unreachable?.({ host: "8.8.8.8", port: 7 });
  holepunch.unreachable?.({ host: "8.8.4.4", port: 7 });
  assert.equal(asPunch.sent.length, 1);
  assert.equal(decodeHolepunch(present(asPunch.sent[0], "message"))?.type, "rendezvous");
  holepunch.message(asPunch, encodeHolepunch({ type: "connect", endpoint: { host: "8.8.8.8", port: 7 } }));
  assert.deepEqual(swarm.found.at(-1), { endpoint: { host: "8.8.8.8", port: 7 }, source: "holepunch" });
});

test("H62: nobody introduces us to an internal address or to one that admission refuses, nor endlessly", () => {
  const { swarm, holepunch } = world();
  const relay = new PeerUnderTest("8.0.0.1");
  holepunch.peerReady(relay);
  for (const host of ["10.0.0.1", "127.0.0.1", "169.254.169.254", "9.9.9.9"]) {
    holepunch.message(relay, encodeHolepunch({ type: "connect", endpoint: { host, port: 80 } }));
  }
  assert.equal(swarm.found.length, 0);
  for (let n = 0; n < 100; n++) {
    holepunch.message(relay, encodeHolepunch({ type: "connect", endpoint: { host: `8.1.1.${n}`, port: 80 } }));
  }
  assert.ok(swarm.found.length <= 20);
});
