// The lab proves itself: real clients exchange real bytes between its hosts, before anything of ours takes part.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Authority } from "./certificates.ts";
import { Aria2 } from "./clients/aria2.ts";
import { type Client, type ClientOptions, completed } from "./clients/client.ts";
import { Libtorrent } from "./clients/libtorrent.ts";
import { Opentracker } from "./clients/opentracker.ts";
import { Qbittorrent } from "./clients/qbittorrent.ts";
import { Rtorrent } from "./clients/rtorrent.ts";
import { Transmission } from "./clients/transmission.ts";
import { hashesOf, writeFiles } from "./content.ts";
import { until } from "./deadline.ts";
import type { Host } from "./host.ts";
import { Lab } from "./lab.ts";
import { namespaceNames } from "./namespace.ts";
import { missing } from "./requirements.ts";

const SLOW_MS = 100;

test("a capture sees every packet of a call, and none of what was not said", {
  skip: missing("ip", "tcpdump"),
}, async () => {
  using lab = Lab.create();
  const [a, b] = [lab.host("a"), lab.host("b")];
  using capture = await b.capture(join(lab.folder, "call.pcap"), `host ${a.address}`);
  const call = `require('net').connect(9, '${b.address}').on('error', (e) => console.log(e.code))`;
  assert.equal(a.run(process.execPath, ["-e", call]).trim(), "ECONNREFUSED");
  await capture.stop();
  assert.equal(capture.packets("tcp[tcpflags] & tcp-syn != 0").length, 1);
  assert.equal(capture.packets("tcp[tcpflags] & tcp-rst != 0").length, 1);
  assert.equal(capture.packets("tcp or udp").length, 2);
});

test("a shaped link carries what its rate says", { skip: missing("ip", "tc", "nft") }, async () => {
  using lab = Lab.create();
  const [a, b] = [lab.host("a"), lab.host("b")];
  a.shape({ upMbit: 16 });
  const serve = "require('net').createServer((s) => s.end(Buffer.alloc(4e6))).listen(9)";
  using server = a.start(process.execPath, ["-e", `${serve}.on('listening', () => console.log('up'))`]);
  await server.printed(/up/);
  const fetch = `const t = performance.now(); require('net').connect(9, '${a.address}').resume()
    .on('end', () => console.log(Math.round(performance.now() - t)))`;
  const tookMs = Number(b.run(process.execPath, ["-e", fetch]));
  assert.ok(tookMs > 1700 && tookMs < 4000, `4 MB at 16 Mbit/s took ${tookMs} ms`);
});

test("the hosts of a lab are gone with it", { skip: missing("ip") }, async () => {
  const lab = Lab.create();
  const sleeper = lab.host("a").start("sleep", ["1000"]);
  assert.equal(namespaceNames(`sgl-${process.pid}-`).length, 2);
  lab[Symbol.dispose]();
  assert.equal((await sleeper.end(5000)).signal, "SIGKILL");
  assert.equal(namespaceNames(`sgl-${process.pid}-`).length, 0);
});

test("a torrent that opentracker was told to allow can be announced at once, however slow opentracker is", {
  skip: missing("ip", "opentracker"),
}, async () => {
  using lab = Lab.create();
  using tracker = await Opentracker.start(lab.host("tracker"), lab.newFolder("tracker"));
  for (const infoHash of ["ab".repeat(20), "cd".repeat(20)]) {
    tracker.program.kill("SIGSTOP");
    let isAllowed = false;
    const allowing = tracker.allow([infoHash]).then(() => (isAllowed = true));
    await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    assert.equal(isAllowed, false);
    tracker.program.kill("SIGCONT");
    await allowing;
  }
});

type Starter = {
  readonly title: string;
  readonly program: string;
  start(host: Host, options: ClientOptions): Promise<Client>;
};

const CLIENTS: readonly Starter[] = [
  { title: "Transmission", program: "transmission-daemon", start: Transmission.start },
  { title: "aria2", program: "aria2c", start: Aria2.start },
  { title: "qBittorrent", program: "qbittorrent-nox", start: Qbittorrent.start },
  { title: "rtorrent", program: "rtorrent", start: Rtorrent.start },
];

describe("libtorrent and another client, introduced by opentracker", () => {
  for (const starter of CLIENTS) {
    const skip = missing("ip", "opentracker", "python3-libtorrent", starter.program);
    test(`${starter.title} downloads from libtorrent by .torrent file, then seeds it to libtorrent by magnet`, {
      skip,
    }, async () => {
      using lab = Lab.create();
      const content = lab.newFolder("content");
      writeFiles(content, { "files/one.bin": 700_001, "files/deep/two.bin": 2_000_000 });
      using tracker = await Opentracker.start(lab.host("tracker"), lab.newFolder("tracker"));
      using seeder = await Libtorrent.start(lab.host("seeder"), { folder: lab.newFolder("seeder") });
      const file = join(lab.folder, "a.torrent");
      const created = await seeder.create({
        path: join(content, "files"),
        output: file,
        format: "v1",
        pieceBytes: 32_768,
        trackers: [tracker.announceUrl],
      });
      await tracker.allow([created.infoHashV1 ?? ""]);
      await seeder.add({ file }, content);

      using client = await starter.start(lab.host("client"), { folder: lab.newFolder("client") });
      const first = lab.newFolder("first");
      await completed(client, await client.add({ file }, first));
      assert.deepEqual(hashesOf(join(first, "files")), hashesOf(join(content, "files")));

      seeder[Symbol.dispose]();
      using leecher = await Libtorrent.start(lab.host("leecher"), { folder: lab.newFolder("leecher") });
      const second = lab.newFolder("second");
      await completed(leecher, await leecher.add({ magnet: created.magnet }, second));
      assert.deepEqual(hashesOf(join(second, "files")), hashesOf(join(content, "files")));
    });
  }
});

describe("libtorrent and libtorrent", () => {
  for (const format of ["v1", "v2", "hybrid"] as const) {
    test(`${format} by magnet from a peer that was named`, { skip: missing("ip", "python3-libtorrent") }, async () => {
      using lab = Lab.create();
      const content = lab.newFolder("content");
      writeFiles(content, { "files/one.bin": 700_001, "files/two.bin": 100 });
      const seederHost = lab.host("seeder");
      using seeder = await Libtorrent.start(seederHost, { folder: lab.newFolder("seeder") });
      const file = join(lab.folder, "a.torrent");
      const created = await seeder.create({ path: join(content, "files"), output: file, format, pieceBytes: 32_768 });
      await seeder.add({ file }, content);
      using leecher = await Libtorrent.start(lab.host("leecher"), { folder: lab.newFolder("leecher") });
      const target = lab.newFolder("target");
      const transfer = await leecher.add({ magnet: created.magnet }, target);
      await transfer.addPeer(seederHost.address, seeder.port);
      await completed(leecher, transfer);
      assert.deepEqual(hashesOf(join(target, "files")), hashesOf(join(content, "files")));
    });
  }
});

describe("libtorrent's SSL torrents", () => {
  for (const [title, trusted] of [
    ["are exchanged by peers with certificates of the torrent's authority", true],
    ["stay closed to a certificate of another authority", false],
  ] as const) {
    test(title, { skip: missing("ip", "openssl", "python3-libtorrent") }, async () => {
      using lab = Lab.create();
      const content = lab.newFolder("content");
      writeFiles(content, { "files/one.bin": 300_000 });
      const authority = Authority.create(lab.newFolder("authority"), "root");
      const other = trusted ? authority : Authority.create(lab.newFolder("other"), "other");
      const seederHost = lab.host("seeder");
      using seeder = await Libtorrent.start(seederHost, { folder: lab.newFolder("seeder"), sslPort: 7002 });
      const file = join(lab.folder, "a.torrent");
      const rootCertificate = authority.rootPem;
      await seeder.create({ path: join(content, "files"), output: file, format: "v1", rootCertificate });
      const seeding = await seeder.add({ file }, content);
      await seeding.certificate(authority.issue({ name: "files" }));
      using leecher = await Libtorrent.start(lab.host("leecher"), { folder: lab.newFolder("leecher"), sslPort: 7002 });
      const target = lab.newFolder("target");
      const transfer = await leecher.add({ file }, target);
      await transfer.certificate(other.issue({ name: "files" }));
      await transfer.addPeer(seederHost.address, 7002);
      if (trusted) {
        await completed(leecher, transfer);
        assert.deepEqual(hashesOf(join(target, "files")), hashesOf(join(content, "files")));
      } else {
        await until("the seeder refuses the handshake", async () => {
          await seeding.status();
          return seeder.alerts.some((alert) => /peer_error.*(certificate|unknown ca|SSL|asio)/i.test(alert));
        });
        assert.equal((await transfer.status()).doneBytes, 0);
      }
    });
  }
});
