// What real clients cannot do, so that the matrix of interoperability has no row for it: each reason held against the client.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseTorrent } from "../../src/wire/metainfo/parse.ts";
import { Authority } from "../lab/certificates.ts";
import { completed } from "../lab/clients/client.ts";
import { type CreateOptions, Libtorrent } from "../lab/clients/libtorrent.ts";
import { Transmission } from "../lab/clients/transmission.ts";
import { writeFiles } from "../lab/content.ts";
import { until } from "../lab/deadline.ts";
import { Lab } from "../lab/lab.ts";
import { missing } from "../lab/requirements.ts";

async function make(lab: Lab, options: Partial<CreateOptions>): Promise<{ file: string; magnet: string }> {
  writeFiles(join(lab.folder, "content"), { "files/one.bin": 70_001, "files/two.bin": 40_000 });
  const file = join(lab.folder, "a.torrent");
  using maker = await Libtorrent.maker();
  const path = join(lab.folder, "content", "files");
  const { magnet } = await maker.create({ path, output: file, format: "hybrid", pieceBytes: 32_768, ...options });
  return { file, magnet };
}

test("aria2 gives a hybrid torrent another info-hash: it drops empty keys before it hashes", {
  skip: missing("ip", "aria2c", "python3-libtorrent"),
}, async () => {
  using lab = Lab.create();
  const { file } = await make(lab, {});
  const parsed = parseTorrent(readFileSync(file));
  assert.ok(parsed.ok);
  const info = Buffer.from(parsed.value.infoBytes).toString("latin1");
  const withoutKeys = info.replaceAll(/d0:d6:lengthi\d+e11:pieces root32:[^]{32}ee/g, "de");
  assert.notEqual(withoutKeys, info);
  const theirs = createHash("sha1").update(Buffer.from(withoutKeys, "latin1")).digest("hex");
  const shown = execFileSync("aria2c", ["--show-files", file], { encoding: "utf8" });
  assert.match(shown, new RegExp(`Info Hash: ${theirs}`));
});

test("Transmission 3.00 refuses a hybrid torrent as corrupt", {
  skip: missing("ip", "transmission-daemon", "python3-libtorrent"),
}, async () => {
  using lab = Lab.create();
  const { file } = await make(lab, {});
  using client = await Transmission.start(lab.host("client"), { folder: lab.newFolder("client") });
  await assert.rejects(client.add({ file }, lab.newFolder("target")), /invalid or corrupt torrent file/);
});

test("qBittorrent 4.5.2 has no setting for SSL torrents", { skip: missing("qbittorrent-nox") }, () => {
  const program = readFileSync("/usr/bin/qbittorrent-nox");
  const has = (name: string) => program.includes(Buffer.from(name, "utf16le"));
  assert.ok(has("BitTorrent/Session/Port"), "settings stand in the program by their names");
  assert.ok(!has("BitTorrent/Session/SSL"));
});

test("libtorrent does not get into a closed swarm by magnet, at its own seed either", {
  skip: missing("ip", "openssl", "python3-libtorrent"),
}, async () => {
  using lab = Lab.create();
  const authority = Authority.create(lab.newFolder("authority"), "root");
  const { file, magnet } = await make(lab, { rootCertificate: authority.rootPem });
  const [seedHost, getHost] = [lab.host("seed"), lab.host("get")];
  using seeder = await Libtorrent.start(seedHost, { folder: lab.newFolder("seed"), sslPort: 7001 });
  const seeding = await seeder.add({ file }, join(lab.folder, "content"));
  await seeding.certificate(authority.issue({ name: "files" }));
  await completed(seeder, seeding);
  using leecher = await Libtorrent.start(getHost, { folder: lab.newFolder("get"), sslPort: 7001 });
  const transfer = await leecher.add({ magnet }, lab.newFolder("target"));
  for (const port of [seeder.port, 7001]) {
    await transfer.addPeer(seedHost.address, port);
    await until(`the door at port ${port} closes`, async () => {
      await transfer.status();
      return leecher.alerts.some((alert) => /^peer_(disconnected|error)/.test(alert) && alert.includes(`:${port}`));
    });
  }
  assert.equal((await transfer.status()).doneBytes, 0);
  assert.match((await transfer.status()).state, /metadata/);
});
