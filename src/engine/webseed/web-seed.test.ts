import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { Layout } from "../../domain/metainfo/layout.ts";
import type { Metainfo, TorrentFormat } from "../../domain/metainfo/metainfo.ts";
import { realListing } from "../../world/real/listing.ts";
import { realWorld } from "../../world/real/world.ts";
import { authorTorrent } from "../content/author.ts";
import { createEngine } from "../engine.ts";
import { webSeedDiscovery } from "./discovery.ts";
import { fileUrl } from "./file-url.ts";
import { RUN_BYTES_MAX, takeRun } from "./run.ts";

const LOOPBACK = { privateAddresses: true, loopback: true };
const WITHIN = { timeout: 30_000 };

function content(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, n) => (n * seed + (n >> 8) * 7 + (n >> 16)) & 0xff);
}

const FILES: Readonly<Record<string, Uint8Array>> = {
  "a b#1.bin": content(150_001, 3),
  empty: new Uint8Array(0),
  "sub/ü.bin": content(90_000, 5),
  "z.bin": content(65_536, 11),
};

type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => void;

/** A folder that is served over HTTP, and an empty one to download into. */
async function stage(handler: Handler) {
  const root = mkdtempSync(join(tmpdir(), "swarmgate-webseed-"));
  const source = join(root, "served", "my data");
  for (const [name, bytes] of Object.entries(FILES)) {
    mkdirSync(join(source, name, ".."), { recursive: true });
    writeFileSync(join(source, name), bytes);
  }
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "", "http://x").pathname);
    asked.push(`${path} ${request.headers.range}`);
    handler(request, response, join(root, "served", path));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const close = () => {
    server.close();
    server.closeAllConnections();
    rmSync(root, { recursive: true });
  };
  return { root, source, url, asked, [Symbol.dispose]: close };
}

async function torrentOf(source: string, format: TorrentFormat): Promise<Metainfo> {
  const about = { trackers: [], webSeeds: [], private: false, sslCert: undefined, comment: undefined };
  const made = await authorTorrent(
    source,
    { format, pieceLengthBytes: 32_768, ...about },
    { threads: 0 },
    { ...realWorld, listing: realListing },
  );
  truthy(made.ok);
  return made.value.torrent;
}

const serveRange: Handler = (request, response, path) => {
  const bytes = readFileSync(path);
  const [, first, last] = (/^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? []).map(Number);
  const [from, to] = [present(first, "first"), present(last, "last")];
  response.writeHead(206, { "content-range": `bytes ${from}-${to}/${bytes.length}` }).end(bytes.subarray(from, to + 1));
};

/** Downloads until it has finished or a seed was given up; tells what came of it. */
async function download(torrent: Metainfo, urls: readonly string[], rootDir: string) {
  const engine = await createEngine({}, realWorld);
  truthy(engine.ok);
  const discovery = [webSeedDiscovery({ urls, reach: LOOPBACK }, realWorld)];
  const added = engine.value.add({ source: { kind: "metainfo", metainfo: torrent }, storage: { rootDir }, discovery });
  truthy(added.ok);
  const task = added.value;
  const finished = new Promise<"finished">((resolve) =>
    task.on((event) => event.type === "finished" && resolve("finished")),
  );
  const banned = new Promise<"banned">((resolve) =>
    task.on((event) => event.type === "peerBanned" && resolve("banned")),
  );
  const done = new AbortController();
  const failed = (async () => {
    while (!done.signal.aborted && task.status().discovery[0]?.message === undefined)
      await new Promise((tick) => setTimeout(tick, 20));
    return "failed" as const;
  })();
  const outcome = await Promise.race([finished, banned, failed]);
  done.abort();
  const status = task.status();
  await engine.value.close();
  return { outcome, status, message: status.discovery[0]?.message };
}

test("a folder is downloaded from a web server alone, in all formats", WITHIN, async () => {
  using served = await stage(serveRange);
  for (const format of ["v1", "v2", "hybrid"] as const) {
    const torrent = await torrentOf(served.source, format);
    const target = join(served.root, format);
    const { outcome, message } = await download(torrent, [served.url], target);
    equal(outcome, "finished", message);
    for (const [name, bytes] of Object.entries(FILES)) {
      deepEqual(readFileSync(join(target, "my data", name)), Buffer.from(bytes), `${format} ${name}`);
    }
  }
  truthy(served.asked.length < 60, `${served.asked.length} requests`);
});

test("H88: a wrong range, too much, too little, a packed or a cut body ends the seed", WITHIN, async () => {
  const hostile: Readonly<Record<string, Handler>> = {
    "it sent another range": (_, response) =>
      response.writeHead(206, { "content-range": "bytes 7-8/150001" }).end("xx"),
    "it cannot serve ranges": (_, response) => response.end(Buffer.alloc(150_001)),
    "HTTP status 404": (_, response) => response.writeHead(404).end(),
    "it packed the file": (_, response) => response.writeHead(206, { "content-encoding": "gzip" }).end(),
    "its file has another length": (request, response) =>
      response.writeHead(206, { "content-range": `bytes ${request.headers.range?.slice(6)}/9` }).end(),
    "it sent less than was asked for": (request, response) =>
      response.writeHead(206, { "content-range": `bytes ${request.headers.range?.slice(6)}/*` }).end("x"),
    "it sent more than was asked for": (request, response, path) => {
      const [from = 0, to = 0] = request.headers.range?.slice(6).split("-").map(Number) ?? [];
      response.writeHead(206, { "content-range": `bytes ${from}-${to}/*` });
      response.write(readFileSync(path).subarray(from, to + 1));
      const pour = () => response.write(Buffer.alloc(65_536)) && setImmediate(pour);
      response.on("drain", pour);
      pour();
    },
  };
  for (const [why, handler] of Object.entries(hostile)) {
    using served = await stage(handler);
    const torrent = await torrentOf(served.source, "v1");
    const { outcome, message } = await download(torrent, [served.url], join(served.root, "out"));
    equal(outcome, "failed", why);
    truthy(message?.includes(why), message);
  }
});

test("a web server whose bytes do not verify is banned like any other peer", WITHIN, async () => {
  using served = await stage((request, response, path) => {
    const bytes = readFileSync(path).fill(0);
    const [from = 0, to = 0] = request.headers.range?.slice(6).split("-").map(Number) ?? [];
    response
      .writeHead(206, { "content-range": `bytes ${from}-${to}/${bytes.length}` })
      .end(bytes.subarray(from, to + 1));
  });
  const torrent = await torrentOf(served.source, "v2");
  equal((await download(torrent, [served.url], join(served.root, "out"))).outcome, "banned");
});

test("H82, H84: a seed at an internal address, or one that redirects to it, is refused for good", WITHIN, async () => {
  using served = await stage((_, response) =>
    response.writeHead(302, { location: "http://169.254.169.254/latest" }).end(),
  );
  const torrent = await torrentOf(served.source, "v1");
  for (const url of ["http://169.254.169.254/", "http://2130706433/", "http://[::ffff:127.0.0.1]/", served.url]) {
    const { status } = await download(torrent, [url], join(served.root, "out"));
    equal(status.discovery[0]?.state, "refused", url);
  }
});

test("URLs of files are built as BEP 19 says", () => {
  const files = [{ path: ["d", "a b#?.bin"], bytes: 1, offsetBytes: 0, piecesRoot: undefined }];
  equal(
    fileUrl("http://w/x", { name: "na me", bareFile: false, files }, 0),
    "http://w/x/na%20me/d/a%20b%23%3f.bin".replace("%3f", "%3F"),
  );
  const bare = {
    name: "f(1).bin",
    bareFile: true,
    files: [{ path: ["f(1).bin"], bytes: 1, offsetBytes: 0, piecesRoot: undefined }],
  };
  equal(fileUrl("http://w/x", bare, 0), "http://w/x");
  equal(fileUrl("http://w/x/", bare, 0), "http://w/x/f%281%29.bin");
});

test("requests that follow one another become one run, up to a mebibyte", () => {
  const files = [{ path: ["f"], bytes: 8_000_000, offsetBytes: 0, piecesRoot: undefined }];
  const layout = new Layout({ format: "v1", pieceLengthBytes: 32_768, spanBytes: 8_000_000, files });
  const block = (n: number) => ({ piece: n >> 1, beginBytes: (n & 1) * 16_384, lengthBytes: 16_384 });
  const queue = [block(5), block(7), block(6), block(9)];
  const run = present(takeRun(queue, layout), "a run");
  deepEqual([run.blocks.length, run.lengthBytes, queue.length], [3, 3 * 16_384, 1]);
  deepEqual(run.parts, [{ file: 0, fileOffsetBytes: 5 * 16_384, runOffsetBytes: 0, lengthBytes: 3 * 16_384 }]);
  const many = Array.from({ length: 200 }, (_, n) => block(n));
  equal(takeRun(many, layout)?.lengthBytes, RUN_BYTES_MAX);
  equal(takeRun([{ piece: 999, beginBytes: 0, lengthBytes: 1 }], layout), undefined);
});
