import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { PUBLIC_ONLY } from "../../domain/address/url-policy.ts";
import { SimClock } from "../../world/sim/clock.ts";
import { findNamedPeers } from "./named-peers.ts";

/** A resolver that knows these names, never answers for "slow.example", and remembers what it was asked. */
function worldWith(known: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = [];
  const clock = new SimClock();
  const names = {
    resolve: (host: string) => {
      asked.push(host);
      return host === "slow.example" ? new Promise<never>(() => undefined) : Promise.resolve(known[host] ?? []);
    },
  };
  return { asked, clock, names };
}

const peer = (name: string, port = 6881) => ({ name, port });

test("a name becomes one address of each family", async () => {
  const world = worldWith({ "seed.example": ["8.8.8.8", "8.8.4.4", "2606:4700::1"] });
  deepEqual(await findNamedPeers([peer("seed.example")], PUBLIC_ONLY, world), {
    peers: [
      { host: "8.8.8.8", port: 6881 },
      { host: "2606:4700::1", port: 6881 },
    ],
    left: 0,
  });
});

test("one name is looked up once, however often and however it is written", async () => {
  const world = worldWith({ "seed.example": ["8.8.8.8"] });
  const found = await findNamedPeers([peer("seed.example", 1), peer("Seed.Example", 2)], PUBLIC_ONLY, world);
  deepEqual(world.asked, ["seed.example"]);
  deepEqual(found.peers, [
    { host: "8.8.8.8", port: 1 },
    { host: "8.8.8.8", port: 2 },
  ]);
});

test("H82, H83: names that lead inside and numbers that spell an address are not dialled", async () => {
  const world = worldWith({
    "inside.example": ["10.0.0.5"],
    "self.example": ["127.0.0.1"],
    "cloud.example": ["169.254.169.254"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "half.example": ["192.168.0.1", "8.8.8.8"],
  });
  const names = ["inside.example", "self.example", "cloud.example", "mapped.example", "2130706433", "0x7f.1", "127.1"];
  const wide = { privateAddresses: true, loopback: true };
  const found = await findNamedPeers(
    [...names, "half.example"].map((name) => peer(name)),
    wide,
    world,
  );
  deepEqual(found, { peers: [{ host: "8.8.8.8", port: 6881 }], left: 7 });
  equal(world.asked.includes("2130706433"), false);
});

test("of a hundred names eight are looked up", async () => {
  const world = worldWith({});
  const found = await findNamedPeers(
    Array.from({ length: 100 }, (_, n) => peer(`n${n}.example`)),
    PUBLIC_ONLY,
    world,
  );
  equal(world.asked.length, 8);
  equal(found.left, 100);
});

test("a name without an answer is given up after five seconds, and the others count", async () => {
  const world = worldWith({ "seed.example": ["8.8.8.8"] });
  const finding = findNamedPeers([peer("slow.example"), peer("seed.example")], PUBLIC_ONLY, world);
  await world.clock.advance(5_000);
  deepEqual(await finding, { peers: [{ host: "8.8.8.8", port: 6881 }], left: 1 });
});
