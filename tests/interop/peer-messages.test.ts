// Small messages of the peer wire that no transfer depends on, with libtorrent on the other side, both ways.

import assert from "node:assert/strict";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Engine, Torrent } from "../../src/engine/contract.ts";
import { dhtDiscovery } from "../../src/engine/dht/discovery.ts";
import { DhtNode } from "../../src/engine/dht/node.ts";
import type { DiscoverySource } from "../../src/engine/discovery/source.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { openTransports } from "../../src/engine/repertoire.ts";
import type { Transport } from "../../src/engine/transport/transport.ts";
import { SharedUdp } from "../../src/engine/transport/udp/shared-port.ts";
import { parseTorrent } from "../../src/wire/metainfo/parse.ts";
import { realWorld } from "../../src/world/real/world.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { writeFiles } from "../lab/content.ts";
import { until } from "../lab/deadline.ts";
import { missing } from "../lab/requirements.ts";

const LOOPBACK = "127.0.0.1";
const PIECE_BYTES = 32_768;
const PIECES = 20;
const NAME = "one.bin";

/** One file of twenty pieces, its torrent, and an engine in this process. */
class Room implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "swarmgate-messages-"));
  readonly content = this.make("content");
  readonly file = join(this.folder, "a.torrent");
  readonly engine: Engine;

  private constructor(engine: Engine) {
    this.engine = engine;
  }

  static async create(transports: readonly Transport[] = []): Promise<Room> {
    const places = { listen: [{ host: LOOPBACK, port: 0 }] };
    const engine = await createEngine(transports.length > 0 ? { ...places, transports } : places, realWorld);
    assert.ok(engine.ok);
    const room = new Room(engine.value);
    writeFiles(room.content, { [NAME]: PIECE_BYTES * PIECES });
    using maker = await Libtorrent.maker();
    await maker.create({ path: join(room.content, NAME), output: room.file, format: "v1", pieceBytes: PIECE_BYTES });
    return room;
  }

  make(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path);
    return path;
  }

  torrent(rootDir: string, peerPort?: number, discovery: readonly DiscoverySource[] = []): Torrent {
    const metainfo = parseTorrent(readFileSync(this.file));
    assert.ok(metainfo.ok);
    const added = this.engine.add({
      source: { kind: "metainfo", metainfo: metainfo.value },
      storage: { rootDir },
      discovery,
      peers: peerPort === undefined ? [] : [{ host: LOOPBACK, port: peerPort }],
    });
    assert.ok(added.ok);
    return added.value;
  }

  get port(): number {
    return this.engine.listening()[0]?.port ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe("lt_donthave", { skip: missing("python3-libtorrent") }, () => {
  test("libtorrent believes us that a piece rotted on our disk, and fetches the others", async () => {
    await using room = await Room.create();
    const torrent = room.torrent(room.content);
    await until("we seed", () => torrent.status().state.at === "seeding");
    const disk = openSync(join(room.content, NAME), "r+");
    writeSync(disk, Buffer.from("rotten"), 0, 6, 7 * PIECE_BYTES);
    closeSync(disk);
    using leecher = await Libtorrent.onLoopback();
    const transfer = await leecher.add({ file: room.file }, room.make("out"));
    await transfer.addPeer(LOOPBACK, room.port);
    const status = await until("all but one piece arrive", async () => {
      const now = await transfer.status();
      return now.doneBytes === (PIECES - 1) * PIECE_BYTES && now.peers[0]?.pieces === PIECES - 1 && now;
    });
    assert.equal(status.failedBytes, 0);
    assert.equal(status.peers.length, 1, "nobody hung up");
  });

  test("we believe libtorrent that it cannot read its pieces, and stay connected", async () => {
    await using room = await Room.create();
    using seed = await Libtorrent.onLoopback();
    const seeding = await seed.add({ file: room.file }, room.content);
    await until("libtorrent seeds", async () => (await seeding.state()).complete);
    truncateSync(join(room.content, NAME), 10 * PIECE_BYTES);
    const torrent = room.torrent(room.make("out"), seed.port);
    await until("what is left arrives, and nothing more is wanted of the seed", () => {
      const [peer] = torrent.peers();
      return torrent.status().piecesDone === 10 && peer?.piecesHeld === 10 && !peer.weWant && peer.requestsOut === 0;
    });
  });
});

const DHT_SETTINGS = {
  enable_dht: true,
  dht_bootstrap_nodes: "",
  dht_restrict_routing_ips: false,
  dht_restrict_search_ips: false,
  dht_ignore_dark_internet: false,
};

describe("the PORT message", { skip: missing("python3-libtorrent") }, () => {
  test("two nodes that know nobody learn of each other because their peers met, over one port with uTP", async () => {
    const udp = new SharedUdp(realWorld.net);
    await using room = await Room.create(await openTransports(["utp"], "off", realWorld, udp));
    const at = [{ host: LOOPBACK, port: room.port }];
    const node = new DhtNode({ at, bootstrap: [] }, { ...realWorld, net: udp.netFor("dht") });
    room.torrent(room.content, undefined, [dhtDiscovery(node, realWorld.clock)]);
    using leecher = await Libtorrent.onLoopback({ utp: true, settings: DHT_SETTINGS });
    const transfer = await leecher.add({ file: room.file }, room.make("out"));
    await transfer.addPeer(LOOPBACK, room.port);
    await until("libtorrent knows our node", async () => (await leecher.dhtNodes()) > 0);
    await until("we know libtorrent's", () => node.size > 0);
    assert.equal(node.portFor({ host: LOOPBACK, port: 1 }), room.port);
    await until("the transfer went on meanwhile", async () => (await transfer.state()).complete);
  });
});

describe("items in the hash table", { skip: missing("python3-libtorrent") }, () => {
  test("our node keeps what one libtorrent puts, and gives it to another that never met the first", async () => {
    const node = new DhtNode({ at: [{ host: LOOPBACK, port: 0 }], bootstrap: [] }, realWorld);
    await node.open();
    const port = node.portFor({ host: LOOPBACK, port: 1 });
    // Alerts of the hash table's own.
    const settings = { ...DHT_SETTINGS, alert_mask: 0x400 };
    const meet = async (client: Libtorrent) => {
      await client.meetNode(LOOPBACK, port);
      await until("libtorrent knows our node", async () => (await client.dhtNodes()) > 0);
    };
    let target = "";
    {
      using writer = await Libtorrent.onLoopback({ settings });
      await meet(writer);
      target = await writer.putItem("kept for others");
      await until("our node has it", () => node.items.get(Buffer.from(target, "hex"), realWorld.clock.monotonicMs()));
    }
    using reader = await Libtorrent.onLoopback({ settings });
    await meet(reader);
    await until("the other is given it", async () => {
      await reader.askForItem(target);
      return reader.alerts.some((alert) => alert.startsWith("dht_immutable_item") && alert.includes("kept for others"));
    });
    node.close();
  });
});
