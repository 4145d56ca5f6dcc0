// Lists of addresses and a proxy, seen from the wire.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { hashesOf, writeFiles } from "../lab/content.ts";
import { Lab } from "../lab/lab.ts";
import { missing } from "../lab/requirements.ts";
import { startCommand } from "../lab/swarmgate.ts";

const SKIP = missing("ip", "python3-libtorrent", "tcpdump");
const PROXY = fileURLToPath(new URL("../lab/socks-proxy.ts", import.meta.url));

async function swarm() {
  const lab = Lab.create();
  const folder = (name: string) => {
    const path = join(lab.folder, name);
    mkdirSync(path);
    return path;
  };
  const content = folder("content");
  writeFiles(content, { "files/one.bin": 400_000 });
  const [seedHost, ourHost, proxyHost] = [lab.host("seed"), lab.host("ours"), lab.host("proxy")];
  const seed = await Libtorrent.start(seedHost, { folder: folder("seed") });
  const file = join(lab.folder, "a.torrent");
  await seed.create({ path: join(content, "files"), output: file, format: "v1", pieceBytes: 32_768 });
  await seed.add({ file }, content);
  const out = folder("out");
  const common = ["--json", "--no-dht", "--no-lsd", "--no-trackers", "--peer", `${seedHost.address}:${seed.port}`];
  const get = (...options: readonly string[]) =>
    startCommand(ourHost, folder("data"), ["engine", "get", file, "--out", out, ...common, ...options]);
  const assertSame = () => assert.deepEqual(hashesOf(join(out, "files")), hashesOf(join(content, "files")));
  return {
    lab,
    seedHost,
    ourHost,
    proxyHost,
    get,
    assertSame,
    [Symbol.dispose]: () => {
      seed[Symbol.dispose]();
      lab[Symbol.dispose]();
    },
  };
}

test("not one packet goes to an address on the block list", {
  skip: SKIP,
}, async () => {
  using town = await swarm();
  const { lab, seedHost, ourHost } = town;
  const list = join(lab.folder, "block.p2p");
  writeFileSync(list, `Some company, Inc:${seedHost.address}-${seedHost.address}\n`);
  using capture = await ourHost.capture(join(lab.folder, "blocked.pcap"), `host ${seedHost.address} and tcp`);
  using get = town.get("--block-list", list);
  await get.printed(/"checked"/);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await get.stop();
  await capture.stop();
  assert.equal(capture.packets("tcp").length, 0);
});

test("with an allow list only its addresses are dialled", { skip: SKIP }, async () => {
  using town = await swarm();
  const list = join(town.lab.folder, "allow.txt");
  writeFileSync(list, `${town.seedHost.address}/32\n`);
  using get = town.get("--allow-list", list);
  assert.equal((await get.end()).code, 0, get.tail());
  town.assertSame();
});

for (const [title, login] of [
  ["without a password", []],
  ["with name and password", ["ann", "secret"]],
] as const) {
  test(`everything goes through a SOCKS 5 proxy ${title}, and nothing around it`, { skip: SKIP }, async () => {
    using town = await swarm();
    const { lab, ourHost, seedHost, proxyHost } = town;
    using proxy = proxyHost.start(process.execPath, [PROXY, "1080", ...login]);
    await proxy.printed(/ready/);
    const filter = `src host ${ourHost.address} and not dst host ${proxyHost.address} and (tcp or udp)`;
    using capture = await ourHost.capture(join(lab.folder, "around.pcap"), filter);
    const auth = login.length === 0 ? "" : `${login.join(":")}@`;
    using get = town.get("--proxy", `socks5://${auth}${proxyHost.address}:1080`);
    assert.equal((await get.end()).code, 0, get.tail());
    await capture.stop();
    town.assertSame();
    assert.match(proxy.stdout, new RegExp(`to ${seedHost.address}`));
    assert.doesNotMatch(get.stdout, /"listening"/);
    assert.equal(capture.packets("tcp or udp").length, 0);
  });
}
