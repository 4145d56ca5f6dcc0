import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { SwarmUnderTest } from "../discovery/swarm-under-test.ts";
import { dhtDiscovery } from "./discovery.ts";
import { Nursery, PORT } from "./nursery-under-test.ts";

test("a hybrid torrent that ends while its node is still opening leaves nothing open, and nobody waits", async () => {
  const nursery = new Nursery();
  const watcher = await nursery.stranger(nursery.address(1));
  const node = nursery.node({ bootstrap: [`${watcher.at.host}:7000`] });
  const running = dhtDiscovery(node, nursery.clock).start(new SwarmUnderTest(1, 2));
  await nursery.clock.advance(1_000);
  await running.stop();
  const before = watcher.heard.length;
  truthy(before > 0);
  await nursery.clock.advance(3_600_000);
  equal(watcher.heard.length, before);
  // Its port is free again.
  const rebound = await nursery.net
    .host(nursery.address(1))
    .bindUdp({ host: nursery.address(1), port: PORT }, { onMessage: () => undefined });
  truthy(rebound.ok);
});

test("who ends before anybody has answered keeps what an earlier run knew", async () => {
  const nursery = new Nursery();
  await nursery.earlierRun("/state/dht");
  const kept = nursery.disk.contentOf("/state/dht")?.now;
  const second = nursery.node({ statePath: "/state/dht" });
  void second.open();
  second.close();
  await nursery.clock.advance(5_000);
  deepEqual(nursery.disk.contentOf("/state/dht")?.now, kept);
});
