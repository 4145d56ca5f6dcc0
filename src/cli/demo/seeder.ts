// The demo's second node, a process of its own: serves its torrents on loopback and tells who asks where it is. It ends
// with the process that started it.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { present } from "../../base/assert.ts";
import { FailureError } from "../../base/failure.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { authorTorrent } from "../../engine/content/author.ts";
import { createEngine } from "../../engine/engine.ts";
import { encode } from "../../wire/bencode/encode.ts";
import { realWorld } from "../../world/real/world.ts";
import { CONTENT_WORLD } from "../torrent/world.ts";
import { type Offer, type OfferMessage, prepareContent } from "./offer.ts";

const HOST = "127.0.0.1";
/** Slow enough that a person sees the bytes arrive. */
const UPLOAD_BYTES_PER_SECOND = 12 * 1024 * 1024;

const folder = present(process.argv[2], "the demo's folder");
const engine = await createEngine({ listen: [{ host: HOST, port: 0 }] }, realWorld);
if (!engine.ok) throw new FailureError(engine.error);
const tracker = await openTracker(present(engine.value.listening()[0], "the seeder's port"));
const offers: Offer[] = [];
for (const { path, says } of prepareContent(folder)) offers.push({ torrentPath: await serve(path), says });
process.send?.({ offers } satisfies OfferMessage);
process.once("disconnect", () => void engine.value.close().then(() => process.exit(0)));
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => undefined);

/** Makes the torrent and serves it; returns the path of its .torrent file. */
async function serve(path: string): Promise<string> {
  const made = await authorTorrent(
    path,
    {
      format: "hybrid",
      trackers: [[tracker]],
      webSeeds: [],
      private: false,
      sslCert: undefined,
      comment: "An example of Swarmgate's demo",
    },
    { threads: 1 },
    CONTENT_WORLD,
  );
  if (!made.ok) throw new FailureError(made.error);
  const torrentPath = join(folder, `${made.value.torrent.name}.torrent`);
  writeFileSync(torrentPath, made.value.bytes);
  const added = present(engine.ok ? engine.value : undefined, "the engine").add({
    source: { kind: "metainfo", metainfo: made.value.torrent },
    storage: { rootDir: dirname(path) },
    limits: { up: UPLOAD_BYTES_PER_SECOND },
    wantedFiles: [],
  });
  if (!added.ok) throw new FailureError(added.error);
  return torrentPath;
}

/**
 * A tracker that knows one peer: this process (BEP 3, BEP 23). On the same port at every start where possible, because
 * the port stands in torrents that somebody may have asked for already.
 */
async function openTracker(peer: Endpoint): Promise<string> {
  const record = join(folder, "tracker-port");
  const compact = Buffer.from([...HOST.split(".").map(Number), peer.port >> 8, peer.port & 255]);
  const reply = encode({ complete: 1, incomplete: 0, interval: 60, "min interval": 5, peers: compact });
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    response.end(reply);
  });
  const wanted = existsSync(record) ? Number(readFileSync(record, "utf8")) : 0;
  const port = (await listening(server, wanted)) ?? (await listening(server, 0));
  writeFileSync(record, String(port));
  return `http://${HOST}:${port}/announce`;
}

function listening(server: ReturnType<typeof createServer>, port: number): Promise<number | undefined> {
  return new Promise((settle) => {
    server.once("error", () => settle(undefined));
    server.listen(port, HOST, () => {
      const address = server.address();
      settle(typeof address === "object" && address !== null ? address.port : undefined);
    });
  });
}
