// Peers found by peer exchange and by local multicast, with libtorrent on the other side, both ways.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent, type LibtorrentTransfer } from "../lab/clients/libtorrent.ts";
import { hashesOf, writeFiles } from "../lab/content.ts";
import { until } from "../lab/deadline.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { missing } from "../lab/requirements.ts";
import { startCommand } from "../lab/swarmgate.ts";

const SKIP = missing("ip", "python3-libtorrent", "tcpdump");
const PORT = 6881;
/** Bytes a second. Slow enough that who knows the seed is still a leecher when it has told of it. */
const SEED_BYTES = 300_000;
const CRAWL_BYTES = 20_000;
/** libtorrent tells of its peers once a minute, and a lost introduction is asked for again at the next telling. */
const INTRODUCTION_MS = 150_000;

class Town implements Disposable {
  readonly lab = Lab.create();
  readonly content = this.folder("content");
  readonly file = join(this.lab.folder, "a.torrent");

  static async create(options: { private?: boolean } = {}): Promise<Town> {
    const town = new Town();
    writeFiles(town.content, { "files/one.bin": 3_000_000 });
    using maker = await Libtorrent.maker();
    const path = join(town.content, "files");
    await maker.create({
      path,
      output: town.file,
      format: "v1",
      pieceBytes: 32_768,
      private: options.private ?? false,
    });
    return town;
  }

  folder(name: string): string {
    const path = join(this.lab.folder, name);
    mkdirSync(path);
    return path;
  }

  engine(host: Host, command: "get" | "seed", ...options: readonly string[]) {
    const place = command === "get" ? ["--out", this.folder(`${host.name}-out`)] : ["--data", this.content];
    const args = ["engine", command, this.file, ...place, "--listen", `${host.address}:${PORT}`, "--json"];
    return startCommand(host, this.folder(`${host.name}-data`), [...args, "--no-dht", "--no-trackers", ...options]);
  }

  async libtorrent(host: Host, settings: Readonly<Record<string, string | number | boolean>> = {}) {
    return Libtorrent.start(host, { folder: this.folder(`${host.name}-client`), port: PORT, settings });
  }

  assertSame(folder: string): void {
    assert.deepEqual(hashesOf(join(folder, "files")), hashesOf(join(this.content, "files")));
  }

  [Symbol.dispose](): void {
    this.lab[Symbol.dispose]();
  }
}

async function isConnectedTo(transfer: LibtorrentTransfer, host: Host): Promise<boolean> {
  return (await transfer.status()).peers.some(({ address }) => address === host.address);
}

describe("peer exchange", { skip: SKIP }, () => {
  test("libtorrent tells us of a seed that we did not know, and we fetch from it", async () => {
    using town = await Town.create();
    const [seedHost, relayHost, ourHost] = [town.lab.host("seed"), town.lab.host("relay"), town.lab.host("ours")];
    using seed = await town.libtorrent(seedHost);
    const seeding = await seed.add({ file: town.file }, town.content);
    await seeding.limitUpload(SEED_BYTES);
    using relay = await town.libtorrent(relayHost);
    const relayed = await relay.add({ file: town.file }, town.folder("relay-out"));
    await relayed.addPeer(seedHost.address, PORT);
    await until("the relay meets the seed", () => isConnectedTo(relayed, seedHost));
    using get = town.engine(ourHost, "get", "--no-lsd", "--peer", `${relayHost.address}:${PORT}`);
    const { code } = await get.end(90_000);
    assert.equal(code, 0, get.tail());
    assert.match(get.stdout, new RegExp(`"peer-connected".*${seedHost.address.replaceAll(".", "\\.")}`));
    town.assertSame(join(town.lab.folder, "ours-out"));
  });

  test("we tell libtorrent of a seed that it did not know, and it fetches from it", async () => {
    using town = await Town.create();
    const [seedHost, ourHost, getHost] = [town.lab.host("seed"), town.lab.host("ours"), town.lab.host("get")];
    using seed = await town.libtorrent(seedHost);
    await seed.add({ file: town.file }, town.content);
    const crawl = ["--limit-down", String(CRAWL_BYTES)];
    using relay = town.engine(ourHost, "get", "--no-lsd", ...crawl, "--peer", `${seedHost.address}:${PORT}`);
    await relay.printed(/"peer-connected"/, 30_000);
    using leecher = await town.libtorrent(getHost);
    const out = town.folder("get-out");
    const transfer = await leecher.add({ file: town.file }, out);
    await transfer.addPeer(ourHost.address, PORT);
    await completed(leecher, transfer, 120_000);
    town.assertSame(out);
    assert.ok(leecher.alerts.some((alert) => alert.includes(`peer [ ${seedHost.address}:`)));
  });
});

describe("local service discovery", { skip: SKIP }, () => {
  test("libtorrent finds us by multicast", async () => {
    using town = await Town.create();
    const [ourHost, getHost] = [town.lab.host("ours"), town.lab.host("get")];
    using seed = town.engine(ourHost, "seed", "--no-pex");
    await seed.printed(/"listening"/, 30_000);
    using leecher = await town.libtorrent(getHost, { enable_lsd: true });
    const out = town.folder("get-out");
    await completed(leecher, await leecher.add({ file: town.file }, out), 120_000);
    town.assertSame(out);
  });

  test("we find libtorrent by multicast", async () => {
    using town = await Town.create();
    const [ourHost, seedHost] = [town.lab.host("ours"), town.lab.host("seed")];
    using get = town.engine(ourHost, "get", "--no-pex");
    await get.printed(/"listening"/, 30_000);
    using seed = await town.libtorrent(seedHost, { enable_lsd: true });
    await seed.add({ file: town.file }, town.content);
    const { code } = await get.end(120_000);
    assert.equal(code, 0, get.tail());
    town.assertSame(join(town.lab.folder, "ours-out"));
  });

  test("H75: for a private torrent not one datagram leaves", async () => {
    using town = await Town.create({ private: true });
    const [ourHost, otherHost] = [town.lab.host("ours"), town.lab.host("other")];
    using capture = await ourHost.capture(join(town.lab.folder, "private.pcap"), `src host ${ourHost.address} and udp`);
    using seed = town.engine(ourHost, "seed");
    await seed.printed(/"listening"/, 30_000);
    // Somebody who begins later with a torrent for everybody is heard: by then we would have been.
    using open = await Town.create();
    using heard = await otherHost.capture(join(town.lab.folder, "open.pcap"), `src host ${otherHost.address} and udp`);
    using _other = open.engine(otherHost, "seed");
    await until("a torrent for everybody is told of", () => heard.packets().length > 0, 60_000);
    await capture.stop();
    assert.equal(capture.packets("udp").length, 0);
  });
});

describe("holepunch", { skip: missing("ip", "python3-libtorrent", "nft") }, () => {
  test("libtorrent introduces us to a seed behind a firewall that lets nobody in", async () => {
    using town = await Town.create();
    const [seedHost, relayHost, ourHost] = [town.lab.host("seed"), town.lab.host("relay"), town.lab.host("ours")];
    // Answers to its own packets come in, and nothing else: what a home router does.
    const rules = "add table inet wall; add chain inet wall in { type filter hook input priority 0; policy drop; }";
    seedHost.run("nft", [`${rules}; add rule inet wall in ct state established,related accept`]);
    const utp = { enable_incoming_utp: true, enable_outgoing_utp: true };
    using relay = await town.libtorrent(relayHost, utp);
    await relay.add({ file: town.file }, town.folder("relay-out"));
    using seed = await town.libtorrent(seedHost, utp);
    const seeding = await seed.add({ file: town.file }, town.content);
    await seeding.limitUpload(CRAWL_BYTES);
    await seeding.addPeer(relayHost.address, PORT);
    await until("the seed meets the relay", () => isConnectedTo(seeding, relayHost));
    // Nobody can be told of us who listens nowhere: the only way to the seed is the introduction.
    const args = ["engine", "get", town.file, "--out", town.folder("out"), "--json", "--no-dht", "--no-trackers"];
    const more = ["--listen", "none", "--no-lsd", "--transport", "utp", "--peer", `${relayHost.address}:${PORT}`];
    using get = startCommand(ourHost, town.folder("our-data"), [...args, ...more]);
    const address = seedHost.address.replaceAll(".", "\\.");
    await get.printed(new RegExp(`"peer-connected".*${address}`), INTRODUCTION_MS);
    assert.equal(await isConnectedTo(seeding, ourHost), true);
  });
});
