// Grants at the gate, with real transfers: one device and not its neighbour, opened and closed in time, and closed by the
// kernel alone when nobody tells it more.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent, type LibtorrentTransfer } from "../lab/clients/libtorrent.ts";
import { until } from "../lab/deadline.ts";
import type { Host } from "../lab/host.ts";
import { missing } from "../lab/requirements.ts";
import { Institution } from "./institution.ts";
import { startSeeder } from "./seeder.ts";
import { Wiretap } from "./wiretap.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft", "tcpdump", "python3-libtorrent");
const BEHAVIOURAL_BYTES_MAX = 65_536;
const UPLOAD_BYTES_PER_SECOND = 1_000_000;

test("a granted device downloads, its neighbour does not; the grant opens in 2 s, its end closes in 5 s", {
  skip,
}, async () => {
  using yard = new Yard();
  const institution = new Institution(yard.folder);
  await institution.publish();
  const [host, neighbour] = [yard.client(), yard.client()];
  const config = yard.path("gate.json");
  writeFileSync(config, JSON.stringify({ devices: { laptop: { addresses: [host.address] } } }));
  using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0", "--config", config, ...institution.words);
  const options = { encryption: "off", uploadBytesPerSecond: UPLOAD_BYTES_PER_SECOND } as const;
  using seeding = await startSeeder(yard, options);
  const seeder = await seeding.begin();
  const start = async (on: Host, name: string): Promise<{ client: Libtorrent; transfer: LibtorrentTransfer }> => {
    const client = await Libtorrent.start(on, { folder: yard.newFolder(`${name}-settings`), encryption: "off" });
    return { client, transfer: await client.add({ file: seeding.file }, yard.newFolder(name)) };
  };
  await institution.grant({ id: "G-1", device: "laptop" });
  const grantedMs = performance.now();
  await gate.printed(/"event":"grants","open":\[\{/);
  assert.ok(performance.now() - grantedMs < 2000, "the grant opened within two seconds");

  const one = await start(host, "one");
  using _one = one.client;
  const two = await start(neighbour, "two");
  using _two = two.client;
  await one.transfer.addPeer(yard.outside.address, seeding.port);
  await two.transfer.addPeer(yard.outside.address, seeding.port);
  await until("bytes come to the granted device", async () => (await one.transfer.status()).doneBytes > 1_000_000);
  assert.equal((await two.transfer.status()).doneBytes, 0);

  using tap = await Wiretap.start(host, yard.path("tap.pcap"));
  await institution.revoke("G-1");
  const revokedMs = performance.now();
  await gate.printed(/"event":"grants","open":\[\]/);
  assert.ok(performance.now() - revokedMs < 5000, "the revocation was obeyed within five seconds");
  const atClose = tap.receivedBytes(yard.outside.address);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const afterwards = tap.receivedBytes(yard.outside.address) - atClose;
  assert.ok(afterwards < BEHAVIOURAL_BYTES_MAX, `${afterwards} bytes came after the end of the grant`);
  assert.equal((await one.transfer.status()).complete, false);

  await institution.grant({ id: "G-2", device: "laptop" });
  await seeder.limitUpload(0);
  await one.transfer.addPeer(yard.outside.address, seeding.port);
  await completed(one.client, one.transfer);
});

test("a list of revocations that is too old closes everything, though the daemon is gone", { skip }, async () => {
  using yard = new Yard();
  const institution = new Institution(yard.folder);
  institution.maxAgeSeconds = 4;
  const host = yard.client();
  const config = yard.path("gate.json");
  writeFileSync(config, JSON.stringify({ devices: { laptop: { addresses: [host.address] } } }));
  await institution.publish();
  const gate = await yard.gate("--mode", "enforce", "--confirm-within", "0", "--config", config, ...institution.words);
  // The list's age begins now, however long the gate took to start.
  await institution.grant({ id: "G-1", device: "laptop" });
  await gate.printed(/"event":"grants","open":\[\{/);
  const opened = (): boolean =>
    yard.nft("list", "set", "inet", "swarmgate", "grant_bittorrent_out4").includes(host.address);
  assert.equal(opened(), true);
  gate.kill("SIGKILL");
  await until("the kernel closes by itself", () => !opened(), 8000);
});
