import { deepEqual, equal, match, ok as truthy } from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { encode } from "../../wire/bencode/encode.ts";
import { queryBytes } from "../../wire/tracker/http-tracker.ts";
import { realClock } from "../../world/real/clock.ts";
import { realEntropy } from "../../world/real/entropy.ts";
import { realHttp } from "../../world/real/http.ts";
import { realNames } from "../../world/real/names.ts";
import { realNet } from "../../world/real/net.ts";
import { realRandom } from "../../world/real/random.ts";
import { TestAuthority } from "../../world/real/test-authority.ts";
import type { SwarmView } from "../discovery/source.ts";
import { trackerDiscovery } from "./discovery.ts";

const WORLD = {
  clock: realClock,
  random: realRandom,
  entropy: realEntropy,
  net: realNet,
  http: realHttp,
  names: realNames,
};
const LOOPBACK = { privateAddresses: true, loopback: true };
const HASH = Buffer.alloc(20, 7);
const GOOD = encode({ interval: 1800, complete: 2, incomplete: 1, peers: Uint8Array.of(10, 77, 0, 2, 0x1a, 0xe1) });

class Swarm implements SwarmView {
  readonly infoHashes = [HASH];
  readonly peerId = Buffer.from("-SW0100-abcdefghijkl");
  readonly found: Endpoint[] = [];
  bytesLeft = 5;
  readonly #heard = Promise.withResolvers<void>();
  readonly firstPeers = this.#heard.promise;
  isPrivate = () => false;
  listenPort = () => 6881;
  progress = () => ({ bytesLeft: this.bytesLeft, bytesDown: 3, bytesUp: 2 });
  peersWanted = () => 10;
  mayAnnounce = (url: string) => !url.includes("forbidden");
  mayDial = () => true;
  metainfo = () => undefined;
  adopt = () => undefined;
  foundPeers = (peers: readonly Endpoint[]) => {
    this.found.push(...peers);
    this.#heard.resolve();
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

async function httpTracker(handler: Handler, host = "127.0.0.1") {
  const asked: string[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    handler(request, response, asked.length);
    arrived.resolve();
    arrived = Promise.withResolvers<void>();
  });
  server.listen(0, host);
  await once(server, "listening");
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}/announce`;
  const next = () => arrived.promise;
  return { url, asked, next, [Symbol.dispose]: () => closed(server) };
}

function closed(server: Server): void {
  server.close();
  server.closeAllConnections();
}

/** Runs trackers until they said something about the first of them. */
async function verdictOn(tiers: readonly (readonly string[])[], trustedRoots: readonly string[] = []) {
  const swarm = new Swarm();
  const running = trackerDiscovery({ tiers, reach: LOOPBACK, trustedRoots }, WORLD).start(swarm);
  const settled = () => running.status().every((one) => one.state !== "idle" && one.state !== "asking");
  while (!settled()) await new Promise((resolve) => setTimeout(resolve, 10));
  await running.stop();
  return { swarm, statuses: running.status() };
}

test("an HTTP tracker may name a peer by its host, and what leads nowhere is told", async () => {
  const peers = [
    { ip: "localhost", port: 7001 },
    { ip: "unknown.invalid", port: 7002 },
  ];
  using tracker = await httpTracker((_, response) => response.end(encode({ interval: 1800, complete: 1, peers })));
  const swarm = new Swarm();
  const running = trackerDiscovery({ tiers: [[tracker.url]], reach: LOOPBACK }, WORLD).start(swarm);
  await swarm.firstPeers;
  await running.stop();
  truthy(swarm.found.every(({ port }) => port === 7001));
  equal(running.status()[0]?.peersFound, swarm.found.length);
  truthy(running.status()[0]?.message?.startsWith("1 peer is left out"));
});

describe("an HTTP tracker", () => {
  test("is told started, completed and stopped, and its peers are taken", async () => {
    using tracker = await httpTracker((_, response) => response.end(GOOD));
    const swarm = new Swarm();
    const running = trackerDiscovery({ tiers: [[tracker.url]], reach: LOOPBACK }, WORLD).start(swarm);
    await swarm.firstPeers;
    deepEqual(swarm.found, [{ host: "10.77.0.2", port: 6881 }]);
    const { state, seeders, leechers, peersFound } = running.status()[0] ?? {};
    deepEqual([state, seeders, leechers, peersFound], ["working", 2, 1, 1]);
    const next = tracker.next();
    swarm.bytesLeft = 0;
    running.finished();
    await next;
    await running.stop();
    const events = tracker.asked.map((url) => /event=(\w+)/.exec(url)?.[1]);
    deepEqual(events, ["started", "completed", "stopped"]);
    deepEqual(queryBytes(tracker.asked[0]?.split("?")[1] ?? "", "info_hash"), HASH);
    truthy(tracker.asked[0]?.includes("port=6881&uploaded=2&downloaded=3&left=5&compact=1"));
  });

  test("is not told completed when only a choice of the files is", async () => {
    using tracker = await httpTracker((_, response) => response.end(GOOD));
    const swarm = new Swarm();
    const running = trackerDiscovery({ tiers: [[tracker.url]], reach: LOOPBACK }, WORLD).start(swarm);
    await swarm.firstPeers;
    running.finished();
    await running.stop();
    const events = tracker.asked.map((url) => /event=(\w+)/.exec(url)?.[1]);
    deepEqual(events, ["started", "stopped"]);
  });

  test("that tells no counts is scraped for them", async () => {
    const counts = encode({
      files: new Map([[HASH.toString("latin1"), { complete: 4, downloaded: 9, incomplete: 3 }]]),
    });
    using tracker = await httpTracker((request, response) =>
      response.end(request.url?.startsWith("/scrape") ? counts : encode({ interval: 1800, peers: "" })),
    );
    const running = trackerDiscovery({ tiers: [[tracker.url]], reach: LOOPBACK }, WORLD).start(new Swarm());
    while (running.status()[0]?.seeders === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    await running.stop();
    deepEqual([running.status()[0]?.seeders, running.status()[0]?.leechers], [4, 3]);
  });

  test("is asked over IPv6 too", async () => {
    using tracker = await httpTracker((_, response) => response.end(GOOD), "::1");
    const { swarm, statuses } = await verdictOn([[tracker.url]]);
    deepEqual([statuses[0]?.state, swarm.found.length], ["working", 1]);
  });
});

describe("an HTTP tracker that fails", () => {
  test("or refuses is quoted", async () => {
    using tracker = await httpTracker((_, response) =>
      response.writeHead(403).end(encode({ "failure reason": "no grant" })),
    );
    const { statuses } = await verdictOn([[tracker.url]]);
    equal(statuses[0]?.state, "failing");
    truthy(statuses[0]?.message?.includes("no grant"));
  });

  test("is told of in words, not in codes of the kernel or of a parser", async () => {
    using garbled = await httpTracker((request) => request.socket.end("no HTTP at all\r\n\r\n"));
    using cut = await httpTracker((request) => request.socket.destroy());
    const urls = [garbled.url, cut.url, "http://127.0.0.1:1/announce"];
    const { statuses } = await verdictOn(urls.map((url) => [url]));
    const whys = statuses.map(({ message }) => message?.replace(/^.* did not answer as it should: /, ""));
    deepEqual(whys, ["what it sent is not HTTP.", "it cut the connection.", "nothing listens there."]);
  });

  test("leads to the next of its tier", async () => {
    using broken = await httpTracker((_, response) => response.destroy());
    using good = await httpTracker((_, response) => response.end(GOOD));
    const swarm = new Swarm();
    const running = trackerDiscovery({ tiers: [[broken.url, good.url]], reach: LOOPBACK }, WORLD).start(swarm);
    await swarm.firstPeers;
    await running.stop();
    equal(swarm.found.length, 1);
  });

  test("because it is outside of the grant is never asked", async () => {
    using tracker = await httpTracker((_, response) => response.end(GOOD));
    const swarm = new Swarm();
    const tiers = [[tracker.url.replace("announce", "forbidden/announce")]];
    const running = trackerDiscovery({ tiers, reach: LOOPBACK }, WORLD).start(swarm);
    await running.stop();
    deepEqual([tracker.asked, running.status()], [[], []]);
  });
});

describe("a hostile HTTP tracker", () => {
  test("H81: a gzip bomb, a broken gzip and garbage are discarded", async () => {
    const bodies = [gzipSync(Buffer.alloc(64 * 1024 * 1024)), Buffer.from("not gzip")];
    using bomb = await httpTracker((_, response) => response.setHeader("content-encoding", "gzip").end(bodies[0]));
    using broken = await httpTracker((_, response) => response.setHeader("content-encoding", "gzip").end(bodies[1]));
    using packed = await httpTracker((_, response) =>
      response.setHeader("content-encoding", "gzip").end(gzipSync(GOOD)),
    );
    using page = await httpTracker((_, response) => response.end("<html>"));
    const { statuses } = await verdictOn([[bomb.url], [broken.url], [packed.url], [page.url]]);
    deepEqual(
      statuses.map((one) => one.state),
      ["failing", "failing", "working", "failing"],
    );
  });

  test("H88: an endless body is cut", async () => {
    using tracker = await httpTracker((_, response) => {
      const pour = () => response.write(Buffer.alloc(65_536)) && setImmediate(pour);
      response.on("drain", pour);
      pour();
    });
    const { statuses } = await verdictOn([[tracker.url]]);
    equal(statuses[0]?.state, "failing");
  });

  test("H82, H86: forbidden URLs are refused for good without a packet", async () => {
    const urls = [
      "http://169.254.169.254/announce",
      "http://2130706433/announce",
      "file:///etc/passwd",
      "http://u:p@127.0.0.1/announce",
    ];
    const { statuses } = await verdictOn(urls.map((url) => [url]));
    truthy(statuses.every((one) => one.state === "refused"));
  });

  test("H89: a certificate that nobody trusts is refused, and a root given for the purpose is trusted", async () => {
    using authority = new TestAuthority();
    const files = authority.issueFiles({ name: "localhost" });
    const [key, cert] = [readFileSync(files.privateKey), readFileSync(files.certificate)];
    const server = createTlsServer({ key, cert }, (_, response) => response.end(GOOD));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `https://localhost:${(server.address() as AddressInfo).port}/announce`;
    const [distrusted] = (await verdictOn([[url]])).statuses;
    equal(distrusted?.state, "failing");
    match(distrusted.message ?? "", /nobody trusted has signed its certificate/);
    equal((await verdictOn([[url]], [authority.rootPem])).statuses[0]?.state, "working");
    closed(server);
  });
});

describe("a UDP tracker", () => {
  test("H80: answers count only with the right number, from the right place", async () => {
    const asked: number[] = [];
    const server = createSocket("udp4");
    const stranger = createSocket("udp4");
    stranger.bind(0, "127.0.0.1");
    server.bind(0, "127.0.0.1");
    await Promise.all([once(server, "listening"), once(stranger, "listening")]);
    server.on("message", (packet, from) => {
      const action = packet.readUInt32BE(8);
      asked.push(action);
      const head = Buffer.alloc(action === 0 ? 16 : 20);
      head.writeUInt32BE(action, 0);
      head.writeUInt32BE(packet.readUInt32BE(12), 4);
      if (action === 0) head.writeBigUInt64BE(77n, 8);
      else head.writeUInt32BE(1800, 8);
      const good = action === 0 ? head : Buffer.concat([head, Buffer.from([10, 77, 0, 2, 0x1a, 0xe1])]);
      const evil = Buffer.concat([head, Buffer.from(action === 0 ? [] : [6, 6, 6, 6, 6, 6])]);
      stranger.send(evil, from.port, from.address);
      const forged = Buffer.from(evil);
      forged.writeUInt32BE((packet.readUInt32BE(12) ^ 1) >>> 0, 4);
      server.send(forged, from.port, from.address);
      setTimeout(() => server.send(good, from.port, from.address), 50);
    });
    const { swarm, statuses } = await verdictOn([[`udp://127.0.0.1:${server.address().port}/announce`]]);
    deepEqual(swarm.found, [{ host: "10.77.0.2", port: 6881 }]);
    equal(statuses[0]?.state, "working");
    deepEqual(asked, [0, 1, 2, 1], "connected, announced, scraped once, taken leave of");
    server.close();
    stranger.close();
  });
});
