import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { failure } from "../../base/failure.ts";
import { err, ok } from "../../base/result.ts";
import type { UdpSocket } from "../../world/net.ts";
import { realClock } from "../../world/real/clock.ts";
import { realEntropy } from "../../world/real/entropy.ts";
import { realNet } from "../../world/real/net.ts";
import { SimClock } from "../../world/sim/clock.ts";
import { SeededEntropy } from "../../world/sim/entropy.ts";
import { SimNet } from "../../world/sim/net.ts";
import { SeededRandom } from "../../world/sim/random.ts";
import { UdpTrackerClient } from "./udp-client.ts";

const TRACKER = { host: "10.0.0.2", port: 6969 };

test("where no port could be opened that is said at once, and the next question tries again", async () => {
  const clock = new SimClock();
  const net = new SimNet(clock, new SeededRandom(1), { latencyMs: 5, bytesPerSecond: 1e6, lossRate: 0 });
  const own = net.host("10.0.0.1");
  let opened = 0;
  const bindUdp: typeof own.bindUdp = async (at, handlers) =>
    ++opened === 1 ? err(failure("engine.listen_failed", { at: at.host, why: "EMFILE" })) : own.bindUdp(at, handlers);
  const heard: number[] = [];
  const onMessage = (bytes: Uint8Array) => void heard.push(bytes.length);
  truthy((await net.host(TRACKER.host).bindUdp(TRACKER, { onMessage })).ok);
  const world = { clock, entropy: new SeededEntropy(1), net: { ...own, bindUdp } };
  const client = new UdpTrackerClient(world);
  const { signal } = new AbortController();
  const scrape = () => client.scrape(TRACKER, new Uint8Array(20), signal);

  const first = await scrape();
  truthy(!first.ok);
  equal(first.error.data["why"], "no UDP port could be opened for it");
  deepEqual(heard, []);
  const second = scrape();
  await clock.advance(60_000);
  equal((await second).ok, false);
  deepEqual(heard, [16, 16, 16], "three questions for an id");
  await client.close();
});

test("a question that is open when the client closes opens no socket any more: one kept the program running for ever", async (t) => {
  // Answers whoever connects, and no scrape.
  await using tracker = createSocket("udp4");
  const scraped = Promise.withResolvers<void>();
  tracker.on("message", (packet, from) => {
    if (packet.readUInt32BE(8) !== 0) return scraped.resolve();
    const reply = Buffer.alloc(16);
    packet.copy(reply, 4, 12, 16);
    tracker.send(reply, from.port, from.address);
  });
  tracker.bind(0, "127.0.0.1");
  await once(tracker, "listening");

  const open = new Set<UdpSocket>();
  t.after(() => {
    for (const socket of open) socket.close();
  });
  const bindUdp: typeof realNet.bindUdp = async (at, handlers, options) => {
    const bound = await realNet.bindUdp(at, handlers, options);
    if (!bound.ok) return bound;
    const { value: socket } = bound;
    open.add(socket);
    return ok({
      at: socket.at,
      send: (bytes, to) => socket.send(bytes, to),
      joinGroup: (group) => socket.joinGroup(group),
      close: () => {
        open.delete(socket);
        socket.close();
      },
    });
  };
  const net = { ...realNet, bindUdp };
  const client = new UdpTrackerClient({ clock: realClock, entropy: realEntropy, net });
  const ending = new AbortController();
  const at = { host: "127.0.0.1", port: tracker.address().port };
  const scrape = () => client.scrape(at, Buffer.alloc(20), ending.signal);
  const asked = scrape();
  await scraped.promise;
  equal(open.size, 1);
  ending.abort();
  await client.close();
  equal((await asked).ok, false);
  equal((await scrape()).ok, false);
  equal(open.size, 0);
});
