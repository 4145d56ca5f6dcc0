// Bytes a day and bytes a grant: counted and closed by the kernel, remembered over every restart, and explained.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "../lab/deadline.ts";
import { missing } from "../lab/requirements.ts";
import { echoedBytes, handshakePasses, startEcho } from "./echo.ts";
import { Institution } from "./institution.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft", "tcpdump");
const HANDSHAKE = Buffer.from("\u{13}BitTorrent protocol".padEnd(68, "x"), "latin1");
const MB = 1_000_000;

type Rules = {
  readonly quotas: readonly { readonly name: string; readonly usedBytes: number; readonly isOver: boolean }[];
  readonly blocks: readonly {
    readonly address: string;
    readonly treatment: string;
    readonly rule: string;
  }[];
};

function start(yard: Yard, institution: Institution, policy: unknown, ...words: string[]) {
  const config = yard.path("gate.json");
  writeFileSync(config, JSON.stringify(policy));
  return yard.gate("--mode", "enforce", "--confirm-within", "0", "--config", config, ...institution.words, ...words);
}

const rules = (yard: Yard): Rules =>
  JSON.parse(yard.swarmgate("gate", "rules", "--json", "--state", yard.path("state"))) as Rules;

test("at its daily quota the device's opening closes, though the gate is killed, and says why", { skip }, async () => {
  using yard = new Yard();
  const institution = new Institution(yard.folder);
  const [host, other] = [yard.client(), yard.client()];
  const policy = {
    devices: { laptop: { addresses: [host.address] }, desk: { addresses: [other.address] } },
    quotas: { timeZone: "UTC", deviceMegabytesPerDay: 2 },
  };
  await institution.grant({ id: "G-1", device: "laptop" });
  await institution.grant({ id: "G-2", device: "desk" });
  using _echo = await startEcho(yard.outside);
  using gate = await start(yard, institution, policy);
  const call = { from: host, to: yard.outside.address, bytes: HANDSHAKE, randomBytes: 3 * MB, waitMs: 4000 };
  const back = echoedBytes(call);
  assert.ok(back < 2 * MB && back > 0.5 * MB, `${back} bytes came back, of 2 MB in both directions`);
  await gate.printed(/"event":"quotas","usedUp":\[\{"key":"device laptop"/);
  assert.equal(handshakePasses(host, yard.outside.address), false);
  assert.equal(handshakePasses(other, yard.outside.address), true);
  const path = yard.path("state/blocks.json");
  await until("the block is kept", () => existsSync(path) && readFileSync(path, "utf8").includes("over-quota"));
  const [block] = rules(yard).blocks;
  assert.equal(block?.rule, "quota of device laptop: 2000000 bytes");
  gate.kill("SIGKILL");
  await gate.end();
  // Killed and started again: the kernel went on counting, and nothing is given back.
  assert.equal(handshakePasses(host, yard.outside.address), false);
  using again = await start(yard, institution, policy);
  assert.equal(handshakePasses(host, yard.outside.address), false);
  assert.ok(rules(yard).quotas.some((quota) => /device_laptop_\d{8}/.test(quota.name) && quota.isOver));
  again.kill("SIGKILL");
  await again.end();
  // As after a restart of the machine: the kernel has forgotten, the file has not.
  yard.nft("delete", "table", "inet", "swarmgate");
  using _third = await start(yard, institution, policy);
  assert.equal(handshakePasses(host, yard.outside.address), false);
  assert.equal(handshakePasses(other, yard.outside.address), true);
});

test("a grant's byte cap closes what the grant opened; a new grant opens again", { skip }, async () => {
  using yard = new Yard();
  const institution = new Institution(yard.folder);
  const host = yard.client();
  await institution.grant({ id: "G-1", device: "laptop", maxBytes: MB });
  using _echo = await startEcho(yard.outside);
  using gate = await start(yard, institution, { devices: { laptop: { addresses: [host.address] } } });
  const call = { from: host, to: yard.outside.address, bytes: HANDSHAKE, randomBytes: 2 * MB, waitMs: 3000 };
  assert.ok(echoedBytes(call) < 1.1 * MB);
  await gate.printed(/"event":"quotas","usedUp":\[\{"key":"grant G-1".*grant allows are used up/);
  assert.equal(handshakePasses(host, yard.outside.address), false);
  await institution.grant({ id: "G-2", device: "laptop" });
  await gate.printed(/"grant":"G-2"/);
  assert.equal(handshakePasses(host, yard.outside.address), true);
});

test("`gate rules` says who is blocked, by which rule and since when; nobody else's flows are in it", {
  skip,
}, async () => {
  using yard = new Yard();
  const institution = new Institution(yard.folder);
  const [host, other] = [yard.client(), yard.client()];
  await institution.publish();
  using _echo = await startEcho(yard.outside);
  const beganMs = Date.now();
  const zones = [{ name: "campus", networks: ["10.1.0.0/24"], policy: "block" }];
  using _gate = await start(yard, institution, { zones, devices: { laptop: { addresses: [host.address] } } });
  assert.equal(handshakePasses(host, yard.outside.address), false);
  assert.equal(
    echoedBytes({ from: other, to: yard.outside.address, bytes: Buffer.from("GET / HTTP/1.1\r\n\r\n") }),
    18,
  );
  const path = yard.path("state/blocks.json");
  await until("the block is kept", () => existsSync(path) && readFileSync(path, "utf8").includes("bt.handshake"));
  const shown = yard.swarmgate("gate", "rules", "--json", "--state", yard.path("state"), "--address", host.address);
  const { blocks } = JSON.parse(shown) as { blocks: Record<string, unknown>[] };
  assert.equal(blocks.length, 1);
  const [block] = blocks;
  const { sinceMs, lastMs, packets, flows, ...rest } = block ?? {};
  assert.deepEqual(rest, {
    address: host.address,
    application: "bittorrent",
    treatment: "refused",
    why: { code: "bt.handshake", sentence: "The BitTorrent handshake begins a direction of the flow." },
    rule: "zone campus: block",
    deviceId: "laptop",
    zone: "campus",
  });
  assert.ok(Number(sinceMs) >= beganMs && Number(lastMs) >= Number(sinceMs));
  assert.ok(Number(packets) > 0 && Number(flows) > 0);
});
