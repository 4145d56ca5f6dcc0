// Where the bare engine is met when nobody says where it should listen, by a libtorrent that finds it over both families.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { hashesOf, writeFiles } from "../lab/content.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { ip } from "../lab/namespace.ts";
import type { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";
import { startCommand } from "../lab/swarmgate.ts";

const SKIP = missing("ip", "python3-libtorrent");
const ALONE = ["--json", "--no-dht", "--no-lsd", "--no-pex", "--no-trackers"];

class Meeting implements Disposable {
  readonly lab = Lab.create();
  readonly ourHost = this.#host("ours", "fd77::1");
  readonly theirHost = this.#host("theirs", "fd77::2");
  readonly content = this.lab.newFolder("content");
  readonly file = join(this.lab.folder, "a.torrent");

  static async create(): Promise<Meeting> {
    const meeting = new Meeting();
    writeFiles(meeting.content, { "files/one.bin": 400_000 });
    using maker = await Libtorrent.maker();
    await maker.create({ path: join(meeting.content, "files"), output: meeting.file, format: "hybrid" });
    return meeting;
  }

  engine(...args: readonly string[]): Program {
    return startCommand(this.ourHost, this.lab.newFolder("data"), ["engine", ...args, ...ALONE]);
  }

  libtorrent(utp: boolean): Promise<Libtorrent> {
    const settings = {
      listen_interfaces: "0.0.0.0:6881,[::]:6881",
      enable_outgoing_tcp: !utp,
      enable_incoming_tcp: !utp,
    };
    return Libtorrent.start(this.theirHost, { folder: this.lab.newFolder(`client-${utp}`), utp, settings });
  }

  #host(name: string, v6: string): Host {
    const host = this.lab.host(name);
    ip(host.namespace, `address add ${v6}/64 dev eth0 nodad`);
    return host;
  }

  [Symbol.dispose](): void {
    this.lab[Symbol.dispose]();
  }
}

describe("without --listen", { skip: SKIP }, () => {
  for (const [transport, family] of [
    ["tcp", 4],
    ["tcp", 6],
    ["utp", 4],
    ["utp", 6],
  ] as const) {
    test(`a seed is reached by IPv${family} over ${transport}`, async () => {
      using meeting = await Meeting.create();
      using seed = meeting.engine("seed", meeting.file, "--data", meeting.content, "--transport", "tcp,utp");
      const [, port] = await seed.printed(/"event":"listening","host":"::","port":(\d+)/);
      using leecher = await meeting.libtorrent(transport === "utp");
      const out = meeting.lab.newFolder("out");
      const fetching = await leecher.add({ file: meeting.file }, out);
      await fetching.addPeer(family === 4 ? meeting.ourHost.address : "fd77::1", Number(port));
      await completed(leecher, fetching);
      assert.deepEqual(hashesOf(join(out, "files")), hashesOf(join(meeting.content, "files")));
    });
  }

  test("a download is reached by a seed of which nobody told it", async () => {
    using meeting = await Meeting.create();
    const out = meeting.lab.newFolder("out");
    using get = meeting.engine("get", meeting.file, "--out", out);
    const [, port] = await get.printed(/"event":"listening","host":"0.0.0.0","port":(\d+)/);
    using seeder = await meeting.libtorrent(false);
    const seeding = await seeder.add({ file: meeting.file }, meeting.content);
    await seeding.addPeer(meeting.ourHost.address, Number(port));
    assert.equal((await get.end()).code, 0, get.tail());
    assert.deepEqual(hashesOf(join(out, "files")), hashesOf(join(meeting.content, "files")));
  });

  test("with --listen none no port is open", async () => {
    using meeting = await Meeting.create();
    using seed = meeting.engine("seed", meeting.file, "--data", meeting.content, "--listen", "none");
    await seed.printed(/"checked"/);
    assert.equal(meeting.ourHost.run("ss", ["-Htln"]).trim(), "");
    assert.doesNotMatch(seed.stdout, /"listening"/);
  });
});
