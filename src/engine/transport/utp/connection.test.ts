import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../../base/assert.ts";
import type { RoughLinkOptions } from "../../../world/sim/rough-link.ts";
import { noise, Road, Side } from "./road.ts";
import type { UtpStream } from "./stream.ts";

const ROADS: Readonly<Record<string, Partial<RoughLinkOptions>>> = {
  "a smooth road": {},
  "a road that loses one datagram in twenty": { lossRate: 0.05 },
  "a road that repeats and reorders": { duplicateRate: 0.2, jitterMs: 15 },
  "a road that loses a quarter, repeats and reorders": { lossRate: 0.25, duplicateRate: 0.1, jitterMs: 30 },
  "a road with a short queue": { queueBytesMax: 8_000 },
};

for (const [name, road] of Object.entries(ROADS)) {
  test(`both directions arrive whole over ${name}`, async () => {
    for (const seed of [1, 2, 3]) {
      const fromAlice = noise(300_000, seed);
      const fromBob = noise(200_000, seed + 50);
      const { alice, bob } = await new Road(road, seed).exchange(fromAlice, fromBob, 300);
      assert.ok(bob.bytes().equals(fromAlice), `seed ${seed}: ${bob.receivedBytes} bytes`);
      assert.ok(alice.bytes().equals(fromBob), `seed ${seed}: ${alice.receivedBytes} bytes`);
    }
  });
}

test("the same seed gives the same run", async () => {
  const run = async () => {
    const road = new Road({ lossRate: 0.1, jitterMs: 10 }, 9);
    const { seconds } = await road.exchange(noise(200_000, 1), noise(1000, 2), 100);
    return [seconds, road.there.bytesSent, road.back.bytesSent];
  };
  assert.deepEqual(await run(), await run());
});

test("a link of its own is used almost fully, and the queue stays near the target of 100 ms", async () => {
  const road = new Road({ bytesPerSecond: 1_000_000, latencyMs: 25, queueBytesMax: 1_000_000 });
  const { seconds } = await road.exchange(noise(10_000_000, 3), new Uint8Array(0), 60);
  assert.ok(seconds < 12, `10 MB over 1 MB/s took ${seconds} s`);
  assert.ok(road.there.queueMsMax < 300, `queued up to ${road.there.queueMsMax} ms`);
});

test("a loss of one datagram in a hundred costs little", async () => {
  const road = new Road({ bytesPerSecond: 1_000_000, latencyMs: 5, lossRate: 0.01 });
  const { seconds } = await road.exchange(noise(3_000_000, 3), new Uint8Array(0), 60);
  assert.ok(seconds < 8, `3 MB over 1 MB/s took ${seconds} s`);
});

test("it gives way to traffic that fills the queue, and comes back when that ends", async () => {
  const road = new Road({ bytesPerSecond: 250_000, latencyMs: 10, queueBytesMax: 100_000 });
  const alice = new Side(road.dial(), noise(5_000_000, 3));
  await road.clock.advance(100);
  const bob = new Side(present(road.accepted[0], "accepted"), new Uint8Array(0));
  await road.clock.advance(4000);
  const alone = bob.receivedBytes;
  // A loss-based sender (TCP) keeps any queue full.
  const greedy = road.clock.every(1, () => {
    while (road.there.occupy(1500));
  });
  await road.clock.advance(3000);
  const before = bob.receivedBytes;
  await road.clock.advance(4000);
  const squeezed = bob.receivedBytes - before;
  greedy.cancel();
  await road.clock.advance(3000);
  const afterwards = bob.receivedBytes;
  await road.clock.advance(4000);
  const again = bob.receivedBytes - afterwards;
  assert.ok(squeezed < alone * 0.2, `${squeezed} bytes beside the other, ${alone} alone`);
  assert.ok(again > alone * 0.7, `${again} bytes afterwards, ${alone} alone`);
  alice.stream.close("done");
});

test("the path's largest datagram is found, and larger ones are not sent for long", async () => {
  for (const datagramBytesMax of [1472, 1400, 1300]) {
    const road = new Road({ datagramBytesMax });
    const { alice, bob } = await road.exchange(noise(2_000_000, 3), new Uint8Array(0), 60);
    assert.equal(bob.receivedBytes, 2_000_000);
    const found = (alice.stream as UtpStream).connection.packetBytes;
    assert.ok(found <= datagramBytesMax && found > datagramBytesMax - 40, `${found} of ${datagramBytesMax}`);
    assert.ok(road.there.dropped < 20, `${road.there.dropped} were too large`);
  }
});

test("a path down to the least that IPv4 promises carries a transfer at its whole rate", async () => {
  for (const datagramBytesMax of [548, 549, 600, 1000, 1231, 1232]) {
    const road = new Road({ datagramBytesMax });
    const sent = noise(500_000, 3);
    const { alice, bob, seconds } = await road.exchange(sent, noise(100_000, 4), 60);
    assert.ok(bob.bytes().equals(sent), `${bob.receivedBytes} bytes over ${datagramBytesMax}`);
    assert.equal(alice.receivedBytes, 100_000);
    assert.ok(seconds < 1, `half a megabyte at a megabyte a second took ${seconds} s over ${datagramBytesMax}`);
  }
});

test("a reader that stops holds the sender back within the window, and goes on when it reads again", async () => {
  const road = new Road({ bytesPerSecond: 20_000_000, latencyMs: 1 });
  const sent = noise(6_000_000, 4);
  const alice = new Side(road.dial(), sent);
  await road.clock.advance(20);
  const bob = new Side(present(road.accepted[0], "accepted"), new Uint8Array(0));
  bob.stream.setReading(false);
  await road.clock.advance(180_000);
  const held = bob.receivedBytes;
  assert.ok(road.there.bytesSent < 3_000_000, `${road.there.bytesSent} bytes were sent to a reader that sleeps`);
  bob.stream.setReading(true);
  await road.clock.advance(20_000);
  assert.ok(held < bob.receivedBytes);
  assert.ok(bob.bytes().equals(sent), `${bob.receivedBytes} bytes`);
  assert.equal(alice.closedWhy, undefined);
});

test("closing tells the other side at once and gives waiting buffers back", async () => {
  const road = new Road();
  const alice = new Side(road.dial(), new Uint8Array(0));
  alice.stream.write(Buffer.from("hello"));
  await road.clock.advance(200);
  const bob = new Side(present(road.accepted[0], "accepted"), new Uint8Array(0));
  await road.clock.advance(200);
  assert.equal(bob.bytes().toString(), "hello");
  let flushed = 0;
  alice.stream.write(noise(2_000_000, 1), () => {
    flushed += 1;
  });
  alice.stream.close("revoked");
  assert.equal(alice.closedWhy, "revoked");
  assert.equal(flushed, 1);
  await road.clock.advance(200);
  assert.equal(bob.closedWhy, "ended");
  assert.equal(road.alice.connectionCount + road.bob.connectionCount, 0);
});

test("a peer that vanishes is given up", async () => {
  const road = new Road();
  const alice = new Side(road.dial(), noise(5_000_000, 1));
  await road.clock.advance(500);
  road.there.send = () => undefined;
  await road.clock.advance(120_000);
  assert.equal(alice.closedWhy, "timed-out");
});

test("a dial that nobody answers ends after seven seconds and three SYNs", async () => {
  const road = new Road();
  let syns = 0;
  road.there.send = () => {
    syns += 1;
  };
  const alice = new Side(road.dial(), new Uint8Array(0));
  await road.clock.advance(6900);
  assert.equal(alice.closedWhy, undefined);
  await road.clock.advance(200);
  assert.equal(alice.closedWhy, "timed-out");
  assert.equal(syns, 3);
});
