// kill -9 at twenty random moments of a download: nothing verified is fetched again, nothing is released unscanned.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { repositoryRoot } from "../../scripts/repository.ts";
import { present } from "../../src/base/assert.ts";
import { NodeClient } from "../../src/cli/node/client.ts";
import { must, testPortal } from "../../src/portal/testing/running-portal.ts";
import { encode } from "../../src/wire/bencode/encode.ts";
import { LOCAL_ROUTES } from "../../src/wire/local/routes.ts";
import type { LocalTransfer } from "../../src/wire/local/transfer.ts";
import { approve, type Offered, offer } from "./institution.ts";

const KILLS = 20;
const content = Buffer.from(
  Array.from({ length: 24_000_000 }, (_, index) => (index * index * 31 + (index >> 9)) % 256),
);
const UPLOAD_BYTES_PER_SECOND = 2_500_000;
/** Blocks that were on their way at the moment of one kill: the request window of one peer. */
const IN_FLIGHT_BYTES_MAX = 2_000_000;

test("twenty kills lose no verified piece and release nothing unscanned", { timeout: 280_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "node-kill-"));
  const portal = await testPortal(t);
  const mia = await portal.person("mia", ["member"]);
  const ruben = await portal.person("ruben", ["reviewer"]);
  const tracker = await openTracker(t);
  const offered = await offer(
    folder,
    "big",
    { "noise.bin": content },
    { up: UPLOAD_BYTES_PER_SECOND, tracker: tracker.url },
  );
  tracker.answer(offered);
  const node = new KilledNode(folder);
  t.after(async () => {
    await node.kill();
    await offered.seeder.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await node.start();
  const { token } = must(await portal.running.joinToken(mia.id));
  must(await node.client.call(LOCAL_ROUTES.join, { body: { url: portal.url, token } }));
  const torrent = Buffer.from(offered.bytes).toString("base64");
  const asked = must(await node.client.call(LOCAL_ROUTES.get, { body: { torrent, durationSeconds: 3600 } }));
  await approve(ruben, asked);

  let kept = 0;
  let kills = 0;
  for (; kills < KILLS; kills += 1) {
    const begun = await node.until((one) => one.state !== "fetching" || one.peersConnected > 0);
    assert.ok(begun.bytesDone >= kept, `kill ${kills}: ${kept} bytes were verified, ${begun.bytesDone} are left`);
    await new Promise((settle) => setTimeout(settle, 50 + Math.random() * 700));
    kept = (await node.transfer())?.bytesDone ?? kept;
    await node.kill();
    checkLibrary(folder);
    await node.start();
  }
  t.diagnostic(`${kills} kills, ${kept} bytes before the last one`);
  const done = await node.until((one) => one.state === "released");
  assert.deepEqual(readFileSync(join(present(done.libraryPath, "its place"), "noise.bin")), content);
  const sent = offered.seeder.torrents()[0]?.status().bytesUp ?? 0;
  t.diagnostic(`${sent} bytes were sent for ${content.length}`);
  assert.ok(sent <= content.length + KILLS * IN_FLIGHT_BYTES_MAX, `${sent} bytes were sent for ${content.length}`);
});

// Whatever lies in the library is whole: release is one step.
function checkLibrary(folder: string): void {
  const library = join(folder, "data", "node", "library", "big");
  if (!existsSync(library)) return;
  for (const name of readdirSync(library)) assert.deepEqual(readFileSync(join(library, name)), content);
}

class KilledNode {
  readonly client: NodeClient;
  readonly #data: string;
  #child: ChildProcess | undefined;

  constructor(folder: string) {
    this.#data = join(folder, "data");
    this.client = new NodeClient(this.#data);
  }

  async start(): Promise<void> {
    const flags = ["node", "--data", this.#data, "--listen", "127.0.0.1:0", "--trackers", "any", "--json", "--quiet"];
    const child = spawn(process.execPath, [join(repositoryRoot, "src", "cli", "main.ts"), ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    await new Promise<void>((settle, refuse) => {
      child.stdout.once("data", () => settle());
      child.once("exit", (code) => refuse(new Error(`the node ended with ${code}`)));
    });
    child.removeAllListeners("exit");
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    await new Promise<void>((settle) => {
      child.once("exit", () => settle());
      child.kill("SIGKILL");
    });
  }

  async transfer(): Promise<LocalTransfer | undefined> {
    const listed = await this.client.call(LOCAL_ROUTES.transfers);
    return listed.ok ? listed.value.transfers[0] : undefined;
  }

  async until(holds: (transfer: LocalTransfer) => boolean): Promise<LocalTransfer> {
    const begunMs = performance.now();
    for (;;) {
      const transfer = await this.transfer();
      if (transfer && holds(transfer)) return transfer;
      assert.ok(performance.now() - begunMs < 60_000, `still ${transfer?.state}: ${transfer?.why}`);
      await new Promise((settle) => setTimeout(settle, 30));
    }
  }
}

/** A tracker that knows one peer. */
async function openTracker(t: TestContext): Promise<{ url: string; answer(offered: Offered): void }> {
  let reply: Uint8Array = encode({ interval: 60, peers: Buffer.alloc(0) });
  const server = createServer((_, response) => response.end(reply));
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}/announce`,
    answer({ peer }) {
      const peers = Buffer.from([...peer.host.split(".").map(Number), peer.port >> 8, peer.port & 255]);
      reply = encode({ interval: 60, peers });
    },
  };
}
