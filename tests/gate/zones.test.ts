// Zones, persons and devices with a policy of their own: refused, slowed to a rate, or let go.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { enforcingBatch } from "../../src/gate/enforce/mode.ts";
import { DEFAULT_POLICY, type GatePolicy } from "../../src/gate/enforce/policy.ts";
import { ruleset } from "../../src/gate/enforce/ruleset.ts";
import { until } from "../lab/deadline.ts";
import { missing } from "../lab/requirements.ts";
import { echoedBytes, handshakePasses, startEcho, startPump } from "./echo.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft");
const HANDSHAKE = Buffer.from("\u{13}BitTorrent protocol".padEnd(68, "x"), "latin1");
const REQUEST = Buffer.from("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
const KILOBYTES_A_SECOND = 400;
const BURST_BYTES = 65_536;
const MEASURE_MS = 3000;

function load(yard: Yard, policy: Partial<GatePolicy>): void {
  const file = yard.path("rules.nft");
  writeFileSync(file, ruleset({ ...DEFAULT_POLICY, ...policy }) + enforcingBatch("enforce", undefined));
  yard.nft("-f", file);
}

/** Bytes that the router let through within the throttled rate so far. */
function slowedBytes(yard: Yard): number {
  const listed = yard.nft("list", "chain", "inet", "swarmgate", "throttle0");
  return Number(/counter packets \d+ bytes (\d+) accept/.exec(listed)?.[1]);
}

test("a throttled zone gets its rate and no more, and its ordinary traffic is not slowed", { skip }, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  const zone = { name: "residence", networks: ["10.1.0.0/24"], policy: "throttle" as const };
  load(yard, { zones: [{ ...zone, kilobytesPerSecond: KILOBYTES_A_SECOND }] });
  using pump = startPump(host, yard.outside.address, HANDSHAKE);
  await until("the burst is over", () => slowedBytes(yard) > 2 * BURST_BYTES);
  const [before, beganMs] = [slowedBytes(yard), performance.now()];
  const ordinary = { from: host, to: yard.outside.address, bytes: REQUEST, randomBytes: 20_000_000, waitMs: 20_000 };
  assert.equal(echoedBytes(ordinary), REQUEST.length + ordinary.randomBytes);
  await until("the rate is worth measuring", () => performance.now() - beganMs > MEASURE_MS);
  const seconds = (performance.now() - beganMs) / 1000;
  const rate = (slowedBytes(yard) - before) / seconds;
  const share = (rate - BURST_BYTES / seconds) / (KILOBYTES_A_SECOND * 1024);
  assert.ok(share < 1.05 && rate > 0.4 * KILOBYTES_A_SECOND * 1024, `${rate} bytes a second\n${pump.tail()}`);
});

test("a device's policy comes before its person's, and a person's before the zone's", { skip }, async () => {
  using yard = new Yard();
  const [plain, laptop, phone, guest] = [yard.client(), yard.client(), yard.client(), yard.client()];
  using _echo = await startEcho(yard.outside);
  load(yard, {
    zones: [
      { name: "lab", networks: [`${guest.address}/32`], policy: "allow" },
      { name: "campus", networks: ["10.1.0.0/24"], policy: "block" },
    ],
    devices: {
      laptop: { addresses: [laptop.address], person: "P-1" },
      phone: { addresses: [phone.address], person: "P-1", policy: "block" },
    },
    persons: { "P-1": { policy: "allow" } },
  });
  const passes = [plain, laptop, phone, guest].map((host) => handshakePasses(host, yard.outside.address));
  assert.deepEqual(passes, [false, true, false, true]);
});
