// The kernel's rules by themselves: swapped under load, killed in the middle, failing, forgotten by their daemon, and never
// in the way of those who manage the network.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { enforcingBatch } from "../../src/gate/enforce/mode.ts";
import { DEFAULT_POLICY, type GatePolicy } from "../../src/gate/enforce/policy.ts";
import { ruleset } from "../../src/gate/enforce/ruleset.ts";
import { until } from "../lab/deadline.ts";
import { missing } from "../lab/requirements.ts";
import { ECHO_PORT, echoedBytes, echoedDatagrams, handshakePasses, startCaller, startEcho } from "./echo.ts";
import { Institution } from "./institution.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft", "tcpdump");
const SWAPS = 1000;
const KILLS = 60;
// A busy machine takes a minute for what a quiet one does in ten seconds; who is refused never gets through.
const SWAPPED_MS_MAX = 400_000;
const STALLED_MS = 10_000;

function load(yard: Yard, policy: Partial<GatePolicy> = {}, mode: "observe" | "enforce" = "enforce"): void {
  const file = yard.path(`rules-${mode}.nft`);
  writeFileSync(file, ruleset({ ...DEFAULT_POLICY, ...policy }) + enforcingBatch(mode, undefined));
  yard.nft("-f", file);
}

const zone = (name: string, policy: "block" | "allow"): Partial<GatePolicy> => ({
  zones: [{ name, networks: ["10.1.0.0/24"], policy }],
});

test("the kernel alone refuses a handshake, and says that it did", { skip }, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  assert.equal(handshakePasses(host, yard.outside.address), true);
  load(yard);
  assert.equal(handshakePasses(host, yard.outside.address), false);
  const rules = JSON.parse(yard.swarmgate("gate", "rules", "--json")) as { rules: { why: string; packets: number }[] };
  assert.ok(rules.rules.some((rule) => rule.why === "bt.handshake" && rule.packets > 0));
});

test("who was refused a peer does not reach it in another way; others do, and so does who was refused others", {
  skip,
}, async () => {
  using yard = new Yard();
  const [host, other] = [yard.client(), yard.client()];
  using _peer = await startEcho(yard.outside);
  using _server = await startEcho(yard.outside, 8080);
  using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0");
  assert.equal(handshakePasses(host, yard.outside.address), false);
  await gate.printed(/"action":"block"/);
  const unknown = { to: yard.outside.address, bytes: Uint8Array.from([9, 8, 7]) };
  await until("they are kept apart", () => echoedBytes({ from: host, ...unknown }) === 0);
  assert.equal(echoedBytes({ from: other, ...unknown }), 3);
  assert.equal(echoedBytes({ from: host, ...unknown, port: 8080 }), 3);
});

test("observing refuses nothing, and counts what it would have refused", { skip }, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  load(yard, {}, "observe");
  assert.equal(handshakePasses(host, yard.outside.address), true);
  assert.match(yard.swarmgate("gate", "rules"), /would have been refused \([1-9]/);
});

test("a capture that never listens keeps no rule from the kernel, and is told of", { skip }, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  const programs = yard.newFolder("programs");
  writeFileSync(join(programs, "tcpdump"), "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
  const path = `${programs}:${process.env["PATH"] ?? ""}`;
  using gate = yard.startGate(["--mode", "enforce", "--confirm-within", "0"], { PATH: path });
  await gate.printed(/gate\.capture_ended/);
  await until("the kernel refuses", () => !handshakePasses(host, yard.outside.address));
});

test("enforcement that nobody confirms goes back to observing by itself; confirmed, it stays", { skip }, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  const gate = await yard.gate("--mode", "enforce", "--confirm-within", "10");
  assert.equal(handshakePasses(host, yard.outside.address), false);
  gate.kill("SIGKILL");
  await until("the kernel observes again", () => handshakePasses(host, yard.outside.address));
  using _again = await yard.gate("--mode", "enforce", "--confirm-within", "10");
  yard.swarmgate("gate", "confirm");
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  assert.equal(handshakePasses(host, yard.outside.address), false);
});

test("H178: another card with the address of a granted device opens nothing", { skip }, async () => {
  using yard = new Yard();
  const institution = new Institution(yard.folder);
  const host = yard.client();
  const mac = /link\/ether (\S+)/.exec(host.run("ip", ["link", "show", "eth0"]))?.[1];
  const config = yard.path("gate.json");
  writeFileSync(config, JSON.stringify({ devices: { laptop: { addresses: [host.address], mac } } }));
  await institution.grant({ id: "G-1", device: "laptop" });
  using _echo = await startEcho(yard.outside);
  using _gate = await yard.gate("--mode", "enforce", "--confirm-within", "0", "--config", config, ...institution.words);
  assert.equal(handshakePasses(host, yard.outside.address), true);
  host.run("ip", ["link", "set", "eth0", "down"]);
  yard.router.run("ip", ["neigh", "flush", "dev", "inside"]);
  const thief = yard.client(host.address);
  assert.equal(handshakePasses(thief, yard.outside.address), false);
});

test("H180: with the daemon killed nothing passes that was stopped before, and the rules are the same", {
  skip,
}, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  const gate = await yard.gate("--mode", "enforce", "--confirm-within", "0");
  // What was met is counted by address; everything else is as it was.
  const rules = (): string =>
    yard.nft("-s", "list", "table", "inet", "swarmgate").replaceAll(/\n\t\telements = \{[^}]* counter[^}]*\}/g, "");
  const before = rules();
  gate.kill("SIGKILL");
  await gate.end();
  assert.equal(handshakePasses(host, yard.outside.address), false);
  assert.equal(rules(), before);
  // What only behaviour can tell is held, for nobody is there to judge it.
  const unknown = { bytes: Uint8Array.from([9, 8]), randomBytes: 400_000 };
  assert.ok(echoedBytes({ from: host, to: yard.outside.address, ...unknown, waitMs: 4000 }) < 65_536);
  // uTP picked up in mid-stream stops too, and a call of the same rate does not.
  const packets = { from: host, to: yard.outside.address, count: 300, bytes: 1000 };
  const utp = echoedDatagrams({ ...packets, begins: Uint8Array.from([1, 0]) });
  assert.ok(utp > 0 && utp < 65, `${utp} packets of uTP came back`);
  assert.equal(echoedDatagrams({ ...packets, begins: Uint8Array.from([0x80, 0x60]) }), packets.count);
});

test("H172: a handshake in one-byte segments is held, then blocked", { skip }, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0");
  const bytes = Buffer.from("\u{13}BitTorrent protocol".padEnd(68, "x"), "latin1");
  const call = { from: host, to: yard.outside.address, bytes, randomBytes: 400_000, waitMs: 3000, isSplit: true };
  const back = echoedBytes(call);
  assert.ok(back > 0 && back < 65_536, `${back} bytes came back`);
  await gate.printed(/"action":"block".*"code":"bt.handshake"/);
});

test("H181: nft killed at any moment of a swap leaves the old rules or the new ones", { skip }, async () => {
  using yard = new Yard();
  load(yard, zone("old", "block"));
  const count = yard.nft("-s", "list", "table", "inet", "swarmgate").split("\n").length;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const file = yard.path("swap.nft");
    writeFileSync(file, ruleset({ ...DEFAULT_POLICY, ...zone(kill % 2 === 0 ? "new" : "old", "block") }));
    const child = spawn("ip", ["netns", "exec", yard.router.namespace, "nft", "-f", file]);
    const ended = new Promise((resolve) => child.once("close", resolve));
    await new Promise((resolve) => setTimeout(resolve, kill / 4));
    child.kill("SIGKILL");
    await ended;
    const listed = yard.nft("-s", "list", "table", "inet", "swarmgate");
    assert.equal(listed.split("\n").length, count);
    const names = new Set([...listed.matchAll(/zone (old|new): block/g)].map((match) => match[1]));
    assert.equal(names.size, 1, "rules of two policies at one time");
  }
});

test("H182: a batch that fails in its last line changes nothing", { skip }, () => {
  using yard = new Yard();
  load(yard, zone("campus", "block"));
  const before = yard.nft("-s", "list", "table", "inet", "swarmgate");
  const file = yard.path("failing.nft");
  writeFileSync(file, `${ruleset(DEFAULT_POLICY)}add rule inet swarmgate forward goto nowhere\n`);
  assert.throws(() => yard.nft("-f", file));
  assert.equal(yard.nft("-s", "list", "table", "inet", "swarmgate"), before);
});

test("H185: a policy that begins to refuse ends the flows that it allowed before", { skip }, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  load(yard, zone("campus", "allow"));
  using caller = await startCaller(host, yard.outside.address);
  caller.write("once");
  await caller.printed(/back/);
  load(yard, zone("campus", "block"));
  const before = caller.stdout.length;
  caller.write("again");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(caller.stdout.length, before);
});

test("H186: management networks are never touched, whatever else is refused", { skip }, async () => {
  using yard = new Yard();
  const [manager, other] = [yard.client(), yard.client()];
  using _echo = await startEcho(yard.outside);
  load(yard, { ...zone("campus", "block"), management: [`${manager.address}/32`] });
  assert.equal(handshakePasses(manager, yard.outside.address), true);
  assert.equal(handshakePasses(other, yard.outside.address), false);
  // The router itself is reached as before: the table hooks forwarding only.
  using _own = await startEcho(yard.router, 22);
  assert.equal(handshakePasses(other, yard.router.address, 22), true);
});

test(`${SWAPS} rule swaps under load: no handshake leaks, no ordinary request fails`, { skip }, async () => {
  using yard = new Yard();
  const [honest, sneaky] = [yard.client(), yard.client()];
  using _echo = await startEcho(yard.outside);
  load(yard, zone("one", "block"));
  writeFileSync(yard.path("a.nft"), ruleset({ ...DEFAULT_POLICY, ...zone("two", "block") }));
  writeFileSync(yard.path("b.nft"), ruleset({ ...DEFAULT_POLICY, ...zone("one", "block") }));
  const traffic = (bytes: string): string => `
    let sent = 0, back = 0, failed = 0, open = 0;
    const net = require("net"), bytes = Buffer.from("${bytes}", "base64");
    const call = () => { open++; sent++; let got = 0;
      const s = net.connect(${ECHO_PORT}, "${yard.outside.address}", () => s.write(bytes));
      s.setTimeout(${STALLED_MS}, () => { failed++; s.destroy(); });
      s.on("data", (d) => { got += d.length; back += d.length; if (got >= bytes.length) s.end(); });
      s.on("error", () => failed++); s.on("close", () => open--); };
    setInterval(() => { if (open < 40) call(); }, 2);
    process.stdin.on("data", () => { console.log(JSON.stringify({ sent, back, failed })); process.exit(); });`;
  const request = Buffer.from("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n").toString("base64");
  const handshake = Buffer.from("\u{13}BitTorrent protocol".padEnd(68, "x"), "latin1").toString("base64");
  using ordinary = honest.start(process.execPath, ["-e", traffic(request)]);
  using leaking = sneaky.start(process.execPath, ["-e", traffic(handshake)]);
  const loop = `for i in $(seq ${SWAPS / 2}); do nft -f ${yard.path("a.nft")} || exit 1; nft -f ${yard.path("b.nft")} || exit 1; done`;
  const swapping = yard.router.start("sh", ["-c", loop]);
  assert.deepEqual(await swapping.end(SWAPPED_MS_MAX), { code: 0, signal: null });
  const totals = async (program: typeof ordinary): Promise<{ sent: number; back: number; failed: number }> => {
    program.write("done");
    const [text] = await program.printed(/\{.*\}/);
    return JSON.parse(text) as { sent: number; back: number; failed: number };
  };
  const honestTotals = await totals(ordinary);
  const sneakyTotals = await totals(leaking);
  assert.ok(honestTotals.sent > 500, JSON.stringify(honestTotals));
  assert.equal(honestTotals.failed, 0);
  assert.ok(sneakyTotals.sent > 20, JSON.stringify(sneakyTotals));
  assert.equal(sneakyTotals.back, 0);
});

test("ordinary traffic comes through whole: HTTP, TLS, SSH, an unknown protocol, datagrams", { skip }, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0");
  const openings = [
    "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
    "SSH-2.0-OpenSSH_9\r\n",
    "\u{9}\u{8}",
  ];
  for (const opening of openings) {
    const bytes = Buffer.from(opening, "latin1");
    const call = { from: host, to: yard.outside.address, bytes, randomBytes: 300_000, waitMs: 15_000 };
    assert.equal(echoedBytes(call), bytes.length + call.randomBytes, `${JSON.stringify(opening)}\n${gate.tail()}`);
  }
  for (const bytes of [300, 1100]) {
    const datagrams = { from: host, to: yard.outside.address, count: 1000, bytes, begins: Uint8Array.of(0x90) };
    assert.equal(echoedDatagrams(datagrams), datagrams.count);
  }
  assert.doesNotMatch(gate.stdout, /"event":"verdict"/);
});
