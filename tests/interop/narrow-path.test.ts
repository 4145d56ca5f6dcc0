// uTP over a router whose next link carries 576 bytes, the least that IPv4 promises, with its ICMP messages blocked: nobody
// is told why datagrams vanish.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { Transmission } from "../lab/clients/transmission.ts";
import { hashesOf, writeFiles } from "../lab/content.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { missing } from "../lab/requirements.ts";
import { engineGet, engineSeed } from "./engine-command.ts";

const MTU_BYTES = 576;
const SKIP = missing("ip", "nft", "tcpdump", "python3-libtorrent", "transmission-daemon");
const CALL = { port: 6881, transport: "utp", encryption: "off" } as const;

class NarrowPath implements Disposable {
  readonly lab = Lab.create();
  readonly ourHost = this.lab.host("ours");
  readonly theirHost = this.lab.host("theirs");
  readonly content = this.lab.newFolder("content");
  readonly out = this.lab.newFolder("out");
  readonly file = join(this.lab.folder, "a.torrent");

  static async create(): Promise<NarrowPath> {
    const path = new NarrowPath();
    const router = path.lab.host("router");
    router.run("sysctl", ["-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.send_redirects=0"]);
    router.run("sysctl", ["-qw", "net.ipv4.conf.eth0.send_redirects=0"]);
    router.run("nft", [
      "add table inet silent; add chain inet silent out { type filter hook output priority 0; };" +
        "add rule inet silent out meta l4proto icmp drop",
    ]);
    path.#route(path.ourHost, path.theirHost, router);
    path.#route(path.theirHost, path.ourHost, router);
    writeFiles(path.content, { "files/one.bin": 600_000 });
    using maker = await Libtorrent.maker();
    await maker.create({ path: join(path.content, "files"), output: path.file, format: "v1", pieceBytes: 65_536 });
    return path;
  }

  #route(from: Host, to: Host, router: Host): void {
    from.run("ip", ["route", "add", `${to.address}/32`, "via", router.address]);
    const narrow = ["mtu", "lock", `${MTU_BYTES}`];
    router.run("ip", ["route", "add", `${to.address}/32`, "dev", "eth0", ...narrow]);
  }

  assertSame(): void {
    assert.deepEqual(hashesOf(join(this.out, "files")), hashesOf(join(this.content, "files")));
  }

  [Symbol.dispose](): void {
    this.lab[Symbol.dispose]();
  }
}

describe("a path of 576 bytes that tells nobody", { skip: SKIP }, () => {
  for (const [name, start] of [
    ["libtorrent", Libtorrent.start],
    ["Transmission", Transmission.start],
  ] as const) {
    test(`we seed to ${name}`, async () => {
      using path = await NarrowPath.create();
      using capture = await path.theirHost.capture(
        join(path.lab.folder, "came.pcap"),
        `src host ${path.ourHost.address}`,
      );
      using client = await start(path.theirHost, { folder: path.lab.newFolder("client"), utp: true });
      const fetching = await client.add({ file: path.file }, path.out);
      const peers = [`${path.theirHost.address}:${client.port}`];
      using _seed = await engineSeed(path.ourHost, path.file, path.content, { ...CALL, peers });
      await completed(client, fetching);
      await capture.stop();
      path.assertSame();
      assert.deepEqual(capture.packets("ip[6:2] & 0x3fff != 0"), [], "nothing came in fragments");
    });
  }

  test("we seed to ourselves", async () => {
    using path = await NarrowPath.create();
    using _seed = await engineSeed(path.theirHost, path.file, path.content, CALL);
    const peers = [`${path.theirHost.address}:${CALL.port}`];
    using get = engineGet(path.ourHost, { file: path.file }, path.out, { ...CALL, peers });
    assert.equal((await get.end()).code, 0, get.tail());
    path.assertSame();
  });
});
