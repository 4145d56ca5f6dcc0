// For tests of the whole flow in one process: a real portal, a real node joined to it, and a real engine that seeds.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { present } from "../../src/base/assert.ts";
import type { Endpoint } from "../../src/domain/address/endpoint.ts";
import { authorTorrent } from "../../src/engine/content/author.ts";
import type { Engine } from "../../src/engine/contract.ts";
import type { DiscoverySource } from "../../src/engine/discovery/source.ts";
import { createEngine } from "../../src/engine/engine.ts";
import type { Session } from "../../src/node/session.ts";
import { type RunningNode, startNode } from "../../src/node/start.ts";
import type { NodeOptions, NodeWorld } from "../../src/node/world.ts";
import type { Settings } from "../../src/portal/settings.ts";
import { must, type PersonClient, type TestPortal, testPortal } from "../../src/portal/testing/running-portal.ts";
import type { Asked, LocalTransfer } from "../../src/wire/local/transfer.ts";
import { lockFolder } from "../../src/world/real/folder-lock.ts";
import { realListing } from "../../src/world/real/listing.ts";
import { realWorld } from "../../src/world/real/world.ts";

const LOOPBACK: Endpoint = { host: "127.0.0.1", port: 0 };

export type Institution = {
  readonly folder: string;
  readonly portal: TestPortal;
  readonly mia: PersonClient;
  readonly ruben: PersonClient;
  node(): RunningNode;
  session(): Session;
  /** Stops the node as a kill of its process would find it, and starts it on the same folder. */
  restartNode(): Promise<void>;
  /** A torrent of these files that an engine of its own serves on loopback. */
  offer(name: string, files: Readonly<Record<string, Uint8Array>>, uploadBytesPerSecond?: number): Promise<Offered>;
  ask(offered: Offered): Promise<Asked>;
  approve(asked: Asked): Promise<void>;
  /** The transfer of a request once it satisfies the condition; a failure after the time is up. */
  until(asked: Asked, holds: (transfer: LocalTransfer) => boolean, msMax?: number): Promise<LocalTransfer>;
};

export type Offered = { readonly bytes: Uint8Array; readonly seeder: Engine; readonly peer: Endpoint };

export async function institution(
  t: TestContext,
  change: {
    readonly settings?: Partial<Settings>;
    readonly node?: Partial<NodeOptions>;
    world?: Partial<NodeWorld>;
  } = {},
): Promise<Institution> {
  const folder = mkdtempSync(join(tmpdir(), "node-flow-"));
  const portal = await testPortal(t, change.settings);
  const [mia, ruben] = [await portal.person("mia", ["member"]), await portal.person("ruben", ["reviewer"])];
  const peers: Endpoint[] = [];
  const world = { ...loopbackWorld(peers), ...change.world };
  const options: NodeOptions = {
    folder: join(folder, "node"),
    libraryPath: undefined,
    listen: [LOOPBACK],
    clamd: undefined,
    deviceName: "Mia's computer",
    onWarning: (failed) => t.diagnostic(`the node refused: ${failed.code} ${JSON.stringify(failed.data)}`),
    ...change.node,
  };
  let node = must(await startNode(options, world));
  const token = must(await portal.running.joinToken(mia.id));
  must(await node.join({ url: portal.url, token: token.token }));
  const seeders: Engine[] = [];
  t.after(async () => {
    await Promise.all([node.close(), ...seeders.map((seeder) => seeder.close())]);
    rmSync(folder, { recursive: true, force: true });
  });
  const session = () => present(node.session(), "the session");
  return {
    folder,
    portal,
    mia,
    ruben,
    node: () => node,
    session,
    async restartNode() {
      await node.close();
      node = must(await startNode(options, world));
    },
    async offer(name, files, uploadBytesPerSecond) {
      const offered = await offer(folder, name, files, { up: uploadBytesPerSecond });
      seeders.push(offered.seeder);
      peers.push(offered.peer);
      return offered;
    },
    ask: (offered) => ask(session(), offered),
    approve: (asked) => approve(ruben, asked),
    until: (asked, holds, msMax = 20_000) => until(session, asked, holds, msMax),
  };
}

/** The machine as a node uses it, with a swarm whose peers are known beforehand. */
export function loopbackWorld(peers: readonly Endpoint[]): NodeWorld {
  return {
    ...realWorld,
    tempFolder: tmpdir(),
    lockFolder,
    createEngine: (listen) => createEngine({ listen }, realWorld),
    discovery: () => [knownPeers(peers)],
    extensions: () => [],
  };
}

async function ask({ asking }: Session, offered: Offered): Promise<Asked> {
  const torrent = Buffer.from(offered.bytes).toString("base64");
  return must(await asking.get({ torrent, durationSeconds: 3600, reason: "For my thesis." }));
}

async function approve(reviewer: PersonClient, asked: Asked): Promise<void> {
  const { body } = await reviewer.call("GET", `/api/v1/requests/${asked.requestId}`);
  const version = (body as { version: number }).version;
  const done = await reviewer.call("POST", `/api/v1/requests/${asked.requestId}/approve`, { body: { version } });
  if (done.status !== 200) throw new Error(done.text);
}

async function offer(
  folder: string,
  name: string,
  files: Readonly<Record<string, Uint8Array>>,
  { up, tracker }: { readonly up?: number | undefined; readonly tracker?: string },
): Promise<Offered> {
  const root = mkdtempSync(join(folder, "seed-"));
  for (const [path, content] of Object.entries(files)) {
    const target = join(root, name, path);
    await import("node:fs/promises").then((fs) => fs.mkdir(dirname(target), { recursive: true }));
    writeFileSync(target, content);
  }
  const options = {
    format: "hybrid",
    trackers: tracker === undefined ? [] : [[tracker]],
    webSeeds: [],
    private: false,
    sslCert: undefined,
  } as const;
  const content = { disk: realWorld.disk, listing: realListing, threads: realWorld.threads };
  const made = must(await authorTorrent(join(root, name), { ...options, comment: undefined }, { threads: 1 }, content));
  const seeder = must(await createEngine({ listen: [LOOPBACK] }, realWorld));
  const torrent = must(
    seeder.add({
      source: { kind: "metainfo", metainfo: made.torrent },
      storage: { rootDir: root },
      ...(up === undefined ? {} : { limits: { up } }),
    }),
  );
  await new Promise<void>((settle) => {
    torrent.on((event) => {
      if (event.type === "checked") settle();
    });
    if (torrent.status().state.at === "seeding") settle();
  });
  return { bytes: made.bytes, seeder, peer: present(seeder.listening()[0], "the seeder's port") };
}

function knownPeers(peers: readonly Endpoint[]): DiscoverySource {
  return {
    source: "tracker",
    start(swarm) {
      swarm.foundPeers(peers, "tracker");
      return { finished: () => undefined, status: () => [], stop: () => Promise.resolve() };
    },
  };
}

async function until(
  session: () => Session,
  asked: Asked,
  holds: (transfer: LocalTransfer) => boolean,
  msMax: number,
): Promise<LocalTransfer> {
  const begunMs = performance.now();
  for (;;) {
    const { transfers } = session();
    const task = transfers.named(asked.requestId);
    const view = task && transfers.view(task);
    if (view && holds(view)) return view;
    if (performance.now() - begunMs > msMax) throw new Error(`still ${view?.state}: ${view?.why}`);
    await new Promise((settle) => setTimeout(settle, 25));
  }
}
