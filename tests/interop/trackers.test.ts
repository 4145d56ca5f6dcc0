// Peers that know nothing of each other meet at a real tracker, over HTTP and UDP; and a web server alone is enough.

import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { TrackerClient } from "../../src/engine/tracker/client.ts";
import { realWorld } from "../../src/world/real/world.ts";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { Opentracker } from "../lab/clients/opentracker.ts";
import { hashesOf, writeFiles } from "../lab/content.ts";
import { until } from "../lab/deadline.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";

const SWARMGATE = join(import.meta.dirname, "..", "..", "bin", "swarmgate");
const ALONE = ["--no-dht", "--no-lsd", "--no-pex", "--json"];
const WITHIN = { timeout: 120_000 };

async function stage(lab: Lab, url: (tracker: Opentracker) => string) {
  const trackerFolder = join(lab.folder, "tracker");
  mkdirSync(trackerFolder);
  const tracker = await Opentracker.start(lab.host("tracker"), trackerFolder);
  const source = join(lab.folder, "source");
  writeFiles(source, { "data/a.bin": 700_000, "data/sub/b.bin": 100_001 });
  const file = join(lab.folder, "data.torrent");
  using maker = await Libtorrent.maker();
  const made = await maker.create({
    path: join(source, "data"),
    output: file,
    format: "hybrid",
    trackers: [url(tracker)],
  });
  await tracker.allow([made.infoHashV1, made.infoHashV2].filter((hash) => hash !== null));
  return { tracker, source, file, made };
}

function emptyFolder(lab: Lab, name: string): string {
  const path = join(lab.folder, name);
  mkdirSync(path);
  return path;
}

function gets(host: Host, what: string, out: string, ...more: string[]) {
  return host.start(SWARMGATE, ["engine", "get", what, "--out", out, ...ALONE, ...more]);
}

describe("a tracker brings peers together", { skip: missing("ip", "opentracker", "python3-libtorrent") }, () => {
  for (const [protocol, url] of [
    ["HTTP", (tracker: Opentracker) => tracker.announceUrl],
    ["UDP", (tracker: Opentracker) => tracker.announceUrlUdp],
  ] as const) {
    test(`over ${protocol}: libtorrent seeds to us`, WITHIN, async () => {
      using lab = Lab.create();
      const { tracker, source, file } = await stage(lab, url);
      using _ = tracker;
      using seeder = await Libtorrent.start(lab.host("seeder"), { folder: emptyFolder(lab, "seeder") });
      await seeder.add({ file }, source);
      const out = emptyFolder(lab, "out");
      using ours = gets(lab.host("ours"), file, out);
      equal((await ours.end(90_000)).code, 0, ours.tail());
      deepEqual(hashesOf(join(out, "data")), hashesOf(join(source, "data")));
    });

    test(`over ${protocol}: we seed to libtorrent`, WITHIN, async () => {
      using lab = Lab.create();
      const { tracker, source, file } = await stage(lab, url);
      using _ = tracker;
      const host = lab.host("ours");
      const args = ["engine", "seed", file, "--data", source, "--listen", `${host.address}:6881`];
      using ours = host.start(SWARMGATE, [...args, ...ALONE]);
      await ours.printed(/"listening"/);
      using leecher = await Libtorrent.start(lab.host("leecher"), { folder: emptyFolder(lab, "leecher") });
      const out = emptyFolder(lab, "out");
      await completed(leecher, await leecher.add({ file }, out), 90_000);
      deepEqual(hashesOf(join(out, "data")), hashesOf(join(source, "data")));
    });
  }

  test("and not one packet goes to it when trackers are switched off", WITHIN, async () => {
    using lab = Lab.create();
    const { tracker, file } = await stage(lab, (one) => one.announceUrlUdp);
    using _ = tracker;
    const host = lab.host("ours");
    using capture = await host.capture(join(lab.folder, "ours.pcap"), "tcp or udp");
    using ours = gets(host, file, emptyFolder(lab, "out"), "--no-trackers");
    await ours.printed(/"checked"/);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await ours.stop("SIGINT");
    await capture.stop();
    deepEqual(capture.packets("tcp or udp"), []);
  });
});

describe("a tracker brings peers together by a magnet", {
  skip: missing("ip", "opentracker", "python3-libtorrent"),
}, () => {
  for (const [how, more, warnings] of [
    ["right", "", 0],
    ["right but for what may be missing", "&tr=%zz&x.pe=garbage&so=x&ws=%2&dn=%ff&x.foo=%zz", 5],
  ] as const) {
    test(`that is ${how}`, WITHIN, async () => {
      using lab = Lab.create();
      const { tracker, source, file, made } = await stage(lab, (one) => one.announceUrl);
      using _ = tracker;
      using seeder = await Libtorrent.start(lab.host("seeder"), { folder: emptyFolder(lab, "seeder") });
      await seeder.add({ file }, source);
      const out = emptyFolder(lab, "out");
      const magnet = `magnet:?xt=urn:btih:${made.infoHashV1}&tr=${encodeURIComponent(tracker.announceUrl)}${more}`;
      using ours = gets(lab.host("ours"), magnet, out);
      equal((await ours.end(90_000)).code, 0, ours.tail());
      equal(ours.stdout.match(/"event":"warning"/g)?.length ?? 0, warnings);
      deepEqual(hashesOf(join(out, "data")), hashesOf(join(source, "data")));
    });
  }
});

describe("opentracker counts", { skip: missing("opentracker") }, () => {
  test("the same over HTTP and UDP, and what we announced is among it", WITHIN, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "swarmgate-tracker-"));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    using tracker = await Opentracker.onLoopback(folder);
    const infoHash = Buffer.alloc(20, 0x5a);
    await tracker.allow([infoHash.toString("hex")]);
    const reach = { privateAddresses: true, loopback: true };
    const client = new TrackerClient({ reach }, realWorld);
    const { signal } = new AbortController();
    const about = { infoHash, port: 6881, bytesUp: 0, bytesDown: 0, event: "started", peersWanted: 50 } as const;
    for (const [n, bytesLeft] of [0, 0, 9].entries()) {
      const peerId = Buffer.alloc(20, n + 1);
      const announce = () =>
        client.announce(tracker.announceUrlUdp, { ...about, port: 6881 + n, peerId, bytesLeft, key: n }, signal);
      await until("the tracker has read its list", async () => (await announce()).ok);
    }
    const urls = [tracker.announceUrl, tracker.announceUrlUdp];
    const counts = await Promise.all(urls.map((url) => client.scrape(url, infoHash, signal)));
    const expected = { seeders: 2, leechers: 1, downloads: 0 };
    deepEqual(counts, [expected, expected]);
    equal(await client.scrape("udp://127.0.0.1:9/announce", infoHash, AbortSignal.timeout(500)), undefined);
    await client.close();
  });
});

test("a web seed alone is enough: the whole command, over HTTP on loopback", {
  ...WITHIN,
  skip: missing("ip"),
}, async () => {
  using lab = Lab.create();
  const source = join(lab.folder, "source");
  writeFiles(source, { "data/a.bin": 700_000, "data/sub/b ü.bin": 100_001 });
  const server = createServer((request, response) => {
    const path = join(source, decodeURIComponent(new URL(request.url ?? "", "http://x").pathname));
    const [from = 0, to = 0] = request.headers.range?.slice("bytes=".length).split("-").map(Number) ?? [];
    const { size } = statSync(path);
    response
      .writeHead(206, { "content-range": `bytes ${from}-${to}/${size}` })
      .end(readFileSync(path).subarray(from, to + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  truthy(address !== null && typeof address === "object");
  const host = lab.host("maker");
  const file = join(lab.folder, "data.torrent");
  const seed = `http://127.0.0.1:${address.port}/`;
  host.run(SWARMGATE, ["torrent", "create", join(source, "data"), "-o", file, "--web-seed", seed]);
  const out = emptyFolder(lab, "out");
  using ours = new Program(SWARMGATE, ["engine", "get", file, "--out", out, ...ALONE]);
  equal((await ours.end(60_000)).code, 0, ours.tail());
  deepEqual(hashesOf(join(out, "data")), hashesOf(join(source, "data")));
  server.close();
  server.closeAllConnections();
});
