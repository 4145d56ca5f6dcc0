// HOSTILE.md I against a gate that enforces, with real packets: transfers that run already, fragments, extension headers,
// segments that disagree, and grants that a reload takes away.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { until } from "../lab/deadline.ts";
import type { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";
import { ECHO_PORT, startCaller, startEcho } from "./echo.ts";
import { FORGERIES, sayOverlapping, sendForged } from "./forged.ts";
import { Institution } from "./institution.ts";
import { startSeeder } from "./seeder.ts";
import { Wiretap } from "./wiretap.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft", "tcpdump");
const ENFORCE = ["--mode", "enforce", "--confirm-within", "0"] as const;
const SEEDER_PORT = 7000;
const MIDSTREAM_BYTES = 1_000_000;
const HANDSHAKE = Buffer.from("\u{13}BitTorrent protocol".padEnd(68, "x"), "latin1");
const DHT_QUERY = Buffer.from(`d1:ad2:id20:${"i".repeat(20)}e1:q4:ping1:t2:aa1:y1:qe`, "latin1");
const ORDINARY = Buffer.from("x".repeat(DHT_QUERY.length), "latin1");
const BEHAVIOURAL_BYTES_MAX = 65_536;
/** At the seeder's rate, a megabyte and a half would come. */
const WATCH_MS = 3000;

for (const utp of [false, true]) {
  test(`H173: a transfer over ${utp ? "uTP" : "TCP"} that runs when the gate comes dies within seconds`, {
    skip: missing("ip", "nft", "tcpdump", "python3-libtorrent"),
  }, async () => {
    using yard = new Yard();
    const host = yard.client();
    using seeding = await startSeeder(yard, {
      port: SEEDER_PORT,
      encryption: "off",
      utp,
      uploadBytesPerSecond: 500_000,
    });
    await seeding.begin();
    const settings = utp ? { enable_outgoing_tcp: false } : {};
    const options = { folder: yard.newFolder("client"), encryption: "off", utp, settings } as const;
    using client = await Libtorrent.start(host, options);
    const transfer = await client.add({ file: seeding.file }, yard.newFolder("target"));
    await transfer.addPeer(yard.outside.address, seeding.port);
    await until("it runs", async () => (await transfer.status()).doneBytes > MIDSTREAM_BYTES);
    assert.deepEqual(
      (await transfer.status()).peers.map((peer) => peer.utp),
      [utp],
    );
    using gate = await yard.gate(...ENFORCE);
    await gate.printed(/"action":"block"/);
    // The verdict is said when it is on its way into the kernel.
    await until("the kernel refuses", () => hasRefused(yard));
    using tap = await Wiretap.start(host, yard.path("tap.pcap"));
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    const received = tap.receivedBytes(yard.outside.address);
    assert.ok(received < BEHAVIOURAL_BYTES_MAX, `${received} bytes came after the verdict\n${gate.tail()}`);
  });
}

test("H175: fragments and extension headers hide nothing, over IPv4 or IPv6, and keep nobody from the net", {
  skip,
}, async () => {
  using yard = new Yard();
  const host = yard.client();
  using listener = await startListener(yard);
  using gate = await yard.gate(...ENFORCE);
  const ends6 = [yard.address6(host), yard.address6(yard.outside)] as const;
  for (const kind of FORGERIES) {
    const [own, to] = kind === "fragments" ? [host.address, yard.outside.address] : ends6;
    const forged = { from: host, own, to, port: ECHO_PORT };
    sendForged(kind, { ...forged, bytes: DHT_QUERY });
    // What is sent later and arrives shows that what was sent before did not.
    const mark = Buffer.from(ORDINARY);
    mark.write(kind);
    sendForged(kind, { ...forged, bytes: mark });
    await listener.printed(new RegExp(`got ${kind}xxx`));
    assert.doesNotMatch(listener.stdout, /got d1:ad2/, kind);
    await gate.printed(new RegExp(`"action":"block".*"src":"${own}".*"code":"bt\\.dht_query"`));
  }
});

async function startListener(yard: Yard): Promise<Program> {
  const script = `
    const u = require("dgram").createSocket("udp6");
    u.on("message", (m) => console.log("got " + m.toString("latin1")));
    u.bind(${ECHO_PORT}, () => console.log("listening"));`;
  const program = yard.outside.start(process.execPath, ["-e", script]);
  await program.printed(/listening/);
  return program;
}

test("H184: a handshake whose segments also came with other bytes is refused; without the gate it comes through", {
  skip,
}, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  const call = { from: host, to: yard.outside.address, port: ECHO_PORT, bytes: HANDSHAKE };
  const open = sayOverlapping(call);
  assert.ok(open > 2 * BEHAVIOURAL_BYTES_MAX, `${open} bytes came back with no gate`);
  using gate = await yard.gate(...ENFORCE);
  const back = sayOverlapping(call);
  assert.ok(back < BEHAVIOURAL_BYTES_MAX, `${back} bytes came back`);
  await gate.printed(/"action":"block".*"code":"bt\.handshake/);
});

test("H185: a gate that is started anew ends the flows of a grant that it is not told of again", { skip }, async () => {
  using yard = new Yard();
  const institution = new Institution(yard.folder);
  const host = yard.client();
  const config = yard.path("gate.json");
  writeFileSync(config, JSON.stringify({ devices: { laptop: { addresses: [host.address] } } }));
  await institution.grant({ id: "G-1", device: "laptop" });
  using _echo = await startEcho(yard.outside);
  const words = [...ENFORCE, "--config", config, ...institution.words];
  const gate = await yard.gate(...words);
  await gate.printed(/"event":"grants","open":\[\{/);
  using caller = await startCaller(host, yard.outside.address);
  const answered = (): number => caller.stdout.split("back").length - 1;
  caller.write("once");
  await until("it is answered", () => answered() === 1);
  await gate.stop();
  await institution.revoke("G-1");
  using again = await yard.gate(...words);
  await until("the kernel has closed", () => !openAddresses(yard).includes(host.address));
  caller.write("twice");
  await again.printed(/"action":"block"/);
  await until("the kernel counts the refused packets", () => hasRefused(yard));
  assert.equal(answered(), 1);
});

function hasRefused(yard: Yard): boolean {
  return /refused \([1-9]/.test(yard.swarmgate("gate", "rules"));
}

function openAddresses(yard: Yard): string {
  return yard.nft("list", "set", "inet", "swarmgate", "grant_bittorrent_out4");
}
