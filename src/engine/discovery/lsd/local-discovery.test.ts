import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../../base/assert.ts";
import { ok } from "../../../base/result.ts";
import type { Endpoint } from "../../../domain/address/endpoint.ts";
import { decodeLsdAnnounce, encodeLsdAnnounce, LSD_GROUPS, LSD_PORT } from "../../../wire/lsd/announce.ts";
import type { Net, UdpHandlers } from "../../../world/net.ts";
import { SimClock } from "../../../world/sim/clock.ts";
import { SeededEntropy } from "../../../world/sim/entropy.ts";
import { SimNet } from "../../../world/sim/net.ts";
import { SeededRandom } from "../../../world/sim/random.ts";
import { SwarmUnderTest } from "../swarm-under-test.ts";
import { LocalDiscovery } from "./local-discovery.ts";

class Multicast {
  readonly clock = new SimClock();
  readonly sent: { readonly bytes: Uint8Array; readonly to: Endpoint }[] = [];
  readonly discovery: LocalDiscovery;
  handlers: UdpHandlers | undefined;
  sockets = 0;

  constructor() {
    const sim = new SimNet(this.clock, new SeededRandom(1), { latencyMs: 1, bytesPerSecond: 1e6, lossRate: 0 });
    const net: Net = {
      ...sim.host("10.0.0.1"),
      bindUdp: async (at, handlers) => {
        this.handlers = handlers;
        this.sockets += 1;
        return ok({
          at,
          send: (bytes: Uint8Array, to: Endpoint) => this.sent.push({ bytes, to }),
          joinGroup: () => ok(),
          close: () => {
            this.sockets -= 1;
          },
        });
      },
    };
    this.discovery = new LocalDiscovery({ net, clock: this.clock, entropy: new SeededEntropy(1) });
  }

  hear(hashByte: number, host: string, cookie?: string): void {
    const announce = { infoHashes: [new Uint8Array(20).fill(hashByte)], port: 7000, cookie };
    present(this.handlers, "a socket").onMessage(encodeLsdAnnounce(announce, 4), { host, port: LSD_PORT });
  }
}

test("a torrent is announced at once and every five minutes, to the group of BEP 14", async () => {
  const { clock, discovery, sent } = new Multicast();
  const running = discovery.start(new SwarmUnderTest(3));
  await clock.advance(10);
  assert.deepEqual(sent[0]?.to, { host: LSD_GROUPS[4], port: LSD_PORT });
  assert.equal(decodeLsdAnnounce(present(sent[0], "announce").bytes)?.port, 6881);
  await clock.advance(5 * 60_000);
  assert.equal(sent.length, 2);
  assert.equal(running.status()[0]?.state, "working");
  await running.stop();
});

test("who announces one of our torrents is found; other torrents and our own voice are not", async () => {
  const lan = new Multicast();
  const swarm = new SwarmUnderTest(3);
  lan.discovery.start(swarm);
  await lan.clock.advance(10);
  lan.hear(3, "10.0.0.7");
  lan.hear(4, "10.0.0.8");
  const own = present(lan.sent[0], "announce").bytes;
  present(lan.handlers, "a socket").onMessage(own, { host: "10.0.0.1", port: LSD_PORT });
  assert.deepEqual(swarm.found, [{ endpoint: { host: "10.0.0.7", port: 7000 }, source: "lsd" }]);
});

test("H75: a private torrent opens no socket, sends nothing and hears nothing", async () => {
  const lan = new Multicast();
  const swarm = new SwarmUnderTest(3);
  swarm.isPrivateNow = true;
  const running = lan.discovery.start(swarm);
  await lan.clock.advance(20 * 60_000);
  assert.deepEqual([lan.sent.length, lan.sockets], [0, 0]);
  assert.equal(running.status()[0]?.state, "refused");
});

test("H61: a flood of announcements is not looked at", async () => {
  const lan = new Multicast();
  const swarm = new SwarmUnderTest(3);
  lan.discovery.start(swarm);
  await lan.clock.advance(10);
  for (let n = 0; n < 10_000; n++) lan.hear(3, `10.0.${n >> 8}.${n & 255}`);
  assert.ok(swarm.found.length <= 120);
});

test("the last torrent that stops closes the socket", async () => {
  const lan = new Multicast();
  const first = lan.discovery.start(new SwarmUnderTest(1));
  const second = lan.discovery.start(new SwarmUnderTest(2));
  await lan.clock.advance(10);
  await first.stop();
  assert.equal(lan.sockets, 1);
  await second.stop();
  assert.equal(lan.sockets, 0);
});
