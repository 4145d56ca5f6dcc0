// Peers without a tracker find one another through a hash table of our nodes and libtorrent's.

import { deepEqual, equal } from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { hashesOf, writeFiles } from "../lab/content.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import type { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";

const SWARMGATE = join(import.meta.dirname, "..", "..", "bin", "swarmgate");
const WITHIN = { timeout: 150_000 };
const PORT = 6881;
const ONLY_DHT = ["--no-lsd", "--no-pex", "--no-trackers", "--json"];

function libtorrentNode(host: Host, nodes: readonly Host[], more: Readonly<Record<string, string>> = {}): Program {
  const places = nodes.map((node) => `${node.address}:${PORT}`);
  const options = JSON.stringify({ host: host.address, port: PORT, nodes: places, ...more });
  return host.start("/usr/bin/python3", [join(import.meta.dirname, "libtorrent-dht.py"), options]);
}

/** A torrent of a folder without any tracker. */
function stage(lab: Lab, maker: Host) {
  const source = join(lab.folder, "source");
  writeFiles(source, { "data/a.bin": 500_000, "other/b.bin": 1_000 });
  const out = join(lab.folder, "out");
  mkdirSync(out);
  const make = (name: string) => {
    const file = join(lab.folder, `${name}.torrent`);
    maker.run(SWARMGATE, ["torrent", "create", join(source, name), "-o", file, "--format", "v1"]);
    return file;
  };
  return { source, out, file: make("data"), other: make("other") };
}

/** By uTP, whose port our node shares. */
function seeds(host: Host, file: string, source: string, node: Host): Program {
  const args = ["engine", "seed", file, "--data", source, "--listen", `${host.address}:${PORT}`, "--transport", "utp"];
  return host.start(SWARMGATE, [...args, "--dht-node", `${node.address}:${PORT}`, ...ONLY_DHT]);
}

describe("the DHT", { skip: missing("ip", "python3-libtorrent") }, () => {
  test("libtorrent announces to our node, and we find it there", WITHIN, async () => {
    using lab = Lab.create();
    const [hub, seeder, leecher] = [lab.host("hub"), lab.host("seeder"), lab.host("leecher")];
    const { source, out, file, other } = stage(lab, hub);
    using ours = seeds(hub, other, source, hub);
    await ours.printed(/"listening"/);
    using theirs = libtorrentNode(seeder, [hub], { torrent: file, folder: source });
    await theirs.printed(/"complete": true/, 60_000);
    const args = ["engine", "get", file, "--out", out, "--dht-node", `${hub.address}:${PORT}`, ...ONLY_DHT];
    using getting = leecher.start(SWARMGATE, args);
    equal((await getting.end(90_000)).code, 0, getting.tail());
    deepEqual(hashesOf(join(out, "data")), hashesOf(join(source, "data")));
  });

  test("we announce to libtorrent's node, and libtorrent finds us there", WITHIN, async () => {
    using lab = Lab.create();
    const [hub, seeder, leecher] = [lab.host("hub"), lab.host("seeder"), lab.host("leecher")];
    const { source, out, file } = stage(lab, hub);
    using node = libtorrentNode(hub, []);
    await node.printed(/"running": true/, 30_000);
    using ours = seeds(seeder, file, source, hub);
    await ours.printed(/"listening"/);
    using theirs = libtorrentNode(leecher, [hub], { torrent: file, folder: out });
    await theirs.printed(/"complete": true/, 90_000);
    deepEqual(hashesOf(join(out, "data")), hashesOf(join(source, "data")));
  });
});
