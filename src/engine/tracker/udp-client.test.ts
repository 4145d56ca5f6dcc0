import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { failure } from "../../base/failure.ts";
import { err } from "../../base/result.ts";
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
