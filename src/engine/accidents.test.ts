// What became public accidents in other programs, one test each for those that concern the engine and the wire. Others
// stand beside their parts: DNS rebinding (CVE-2018-5702) in the node's local API, TLS errors that were ignored
// (CVE-2024-51774) in guarded-exchange.test.ts.

import { deepEqual, equal, notDeepEqual, throws, ok as truthy } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assert, present } from "../base/assert.ts";
import { checkUrl, mayConnect, PUBLIC_ONLY, reachAfter } from "../domain/address/url-policy.ts";
import { encode } from "../wire/bencode/encode.ts";
import { parseTorrent } from "../wire/metainfo/parse.ts";
import { decodeExtendedHandshake } from "../wire/peer/extended-handshake.ts";
import { decodeHandshake } from "../wire/peer/handshake.ts";
import { encodeMessage } from "../wire/peer/message.ts";
import { realEntropy } from "../world/real/entropy.ts";
import { SeededEntropy } from "../world/sim/entropy.ts";
import { SeededRandom } from "../world/sim/random.ts";
import { createEngine } from "./engine.ts";
import { add, eventsOf, fill, PORT, ScriptedPeer, sampleTorrent, TestWorld } from "./engine-under-test.ts";

const VICTIM = "10.0.0.1";
const ATTACKER = "10.0.0.66";

test("CVE-2018-10756 (Transmission): what follows the fault that ended a connection is not looked at", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  fill(world.disk(VICTIM), sample);
  const torrent = add(await world.engine(VICTIM), sample);
  const events = eventsOf(torrent);
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  const peer = await new ScriptedPeer().dial(world, ATTACKER, { host: VICTIM, port: PORT });
  peer.handshake(present(sample.metainfo.infoHashV1, "a hash"));
  await world.clock.advance(500);
  const outOfRange = encodeMessage({ type: "have", piece: 1_000_000 });
  const request = encodeMessage({ type: "request", piece: 0, beginBytes: 0, lengthBytes: 16 * 1024 });
  // One read holds the fault and what uses the connection after it.
  peer.raw(Buffer.concat([encodeMessage({ type: "interested" }), outOfRange, request, outOfRange, request]));
  await world.clock.advance(5_000);
  deepEqual(
    events.flatMap((event) => (event.type === "peerClosed" ? [event.why] : [])),
    ["have-out-of-range"],
  );
  equal(peer.of("piece").length, 0);
  deepEqual([torrent.peers().length, torrent.status().state.at], [0, "seeding"]);
});

test("CVE-2020-8437 (uTorrent): bencode that nests deeper than any parser's stack, or counts past its end, is refused", () => {
  for (const text of [
    `${"d1:m".repeat(50_000)}${"e".repeat(50_000)}`,
    `d1:m${"l".repeat(100_000)}`,
    "d1:m99999999999999999999:ae",
    "d1:m4294967297:ae",
  ]) {
    equal(decodeExtendedHandshake(Buffer.from(text)).ok, false, text.slice(0, 20));
  }
});

test("webtorrent #3012, parse-torrent: a path into a sibling torrent's folder is refused", () => {
  for (const path of [
    ["..", "sibling", "file"],
    ["sub", "..", "..", "sibling"],
    ["../sibling/file"],
    ["..\\sibling"],
  ]) {
    const info = { files: [{ length: 1, path }], name: "mine", "piece length": 16_384, pieces: new Uint8Array(20) };
    equal(parseTorrent(encode({ info })).ok, false, path.join("/"));
  }
  const info = { length: 1, name: "../sibling", "piece length": 16_384, pieces: new Uint8Array(20) };
  equal(parseTorrent(encode({ info })).ok, false);
});

test("libtorrent audit 2020 F1, #8781, #8814: a tracker or web seed from outside reaches nothing inside", () => {
  for (const address of ["127.0.0.1", "169.254.169.254", "10.1.2.3", "192.168.0.1", "::1", "fe80::1", "fd00::1"]) {
    // By its address, by a name that leads there, and by a redirect from an address outside.
    equal(mayConnect({ host: address, literal: true }, address, PUBLIC_ONLY), false, address);
    equal(mayConnect({ host: "tracker.example", literal: false }, address, PUBLIC_ONLY), false, address);
    const anywhere = { privateAddresses: true, loopback: true };
    equal(mayConnect({ host: address, literal: true }, address, reachAfter("8.8.8.8", anywhere)), false, address);
  }
  for (const url of ["http://2130706433/announce", "http://[::ffff:127.0.0.1]/", "udp://0x7f000001:80"]) {
    equal(checkUrl(url, ["http:", "udp:"]), "address-spelling", url);
  }
});

test("libtorrent audit 2020: assertions are no compile-time option, and stay on in production", () => {
  throws(() => assert(false, "what has to hold"), /what has to hold/);
  const source = readFileSync(new URL("../base/assert.ts", import.meta.url), "utf8");
  equal(/process|env|NODE_ENV|import/.test(source.replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, "")), false);
});

test("libtorrent audit 2020: names that must not be guessed come from the kernel's generator, not from the seeded one", async () => {
  notDeepEqual(realEntropy.bytes(32), realEntropy.bytes(32));
  const sample = sampleTorrent();
  const peerIdWith = async (entropySeed: number) => {
    const world = new TestWorld();
    const made = await createEngine(
      { listen: [{ host: VICTIM, port: PORT }] },
      {
        clock: world.clock,
        random: new SeededRandom(1),
        entropy: new SeededEntropy(entropySeed),
        net: world.net.host(VICTIM),
        disk: world.disk(VICTIM),
      },
    );
    truthy(made.ok);
    const torrent = add(made.value, sample);
    truthy(await world.until(() => torrent.status().state.at === "downloading"));
    const dialled = world.net.host(ATTACKER).dialTcp({ host: VICTIM, port: PORT }, new AbortController().signal);
    await world.clock.advance(50);
    const socket = await dialled;
    truthy(socket.ok);
    let heard = Buffer.alloc(0);
    socket.value.start({
      onData: (bytes) => {
        heard = Buffer.concat([heard, bytes]);
      },
      onDrain: () => undefined,
      onClose: () => undefined,
    });
    const hello = Buffer.concat([Buffer.from("\u{13}BitTorrent protocol", "latin1"), Buffer.alloc(8)]);
    const hash = present(sample.metainfo.infoHashV1, "a hash");
    socket.value.write(Buffer.concat([hello, hash, Buffer.alloc(20, 0x61)]));
    await world.clock.advance(500);
    const answered = decodeHandshake(heard);
    truthy(answered.ok);
    return Buffer.from(answered.value.peerId).toString("latin1");
  };
  const [first, again, other] = [await peerIdWith(1), await peerIdWith(1), await peerIdWith(2)];
  equal(first, again);
  truthy(first !== other, "another entropy gives another name, though the dice are the same");
});
