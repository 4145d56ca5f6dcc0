// Connections that are older than the gate, in a protocol that nobody knows: they go on, whoever tracked them before,
// although the daemon is there to judge neither them nor the ones that begin later, which are held.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";
import { ECHO_PORT, startEcho } from "./echo.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft", "tcpdump");
const BURST_BYTES = 200_000;
const HELD_BYTES_MAX = 65_536;
const TRACKING =
  "add table inet own; add chain inet own f { type filter hook forward priority 0; ct state invalid drop; }";

for (const isTracked of [false, true]) {
  const by = isTracked ? "tracks and counts" : "tracks nothing";
  test(`a connection that is older than the gate is not held where the router ${by}`, { skip }, async () => {
    using yard = new Yard();
    const host = yard.client();
    using _echo = await startEcho(yard.outside);
    if (isTracked) {
      yard.nft(TRACKING);
      yard.router.run("sysctl", ["-qw", "net.netfilter.nf_conntrack_acct=1"]);
    }
    using older = await startTalker(host, yard.outside.address);
    assert.equal(await burst(older, 1), BURST_BYTES);
    const gate = await yard.gate("--mode", "enforce", "--confirm-within", "0");
    // A daemon that is gone judges nothing, as one does that has not seen enough.
    gate.kill("SIGKILL");
    await gate.end();
    assert.equal(await burst(older, 2), BURST_BYTES);
    using younger = await startTalker(host, yard.outside.address);
    const held = await burst(younger, 1);
    assert.ok(held < HELD_BYTES_MAX, `${held} bytes came back`);
  });
}

async function burst(talker: Program, number: number): Promise<number> {
  talker.write("go");
  await talker.printed(new RegExp(`burst ${number}: \\d+`));
  return Number(new RegExp(`burst ${number}: (\\d+)`).exec(talker.stdout)?.[1]);
}

/** For each line on its input it sends a burst of random bytes, and says how many came back before a while of silence. */
async function startTalker(from: Host, to: string): Promise<Program> {
  const script = `
    let back = 0, count = 0, timer;
    const say = () => console.log("burst " + ++count + ": " + back);
    const s = require("net").connect(${ECHO_PORT}, "${to}", () => console.log("connected"));
    s.on("error", () => 0);
    const wait = () => { clearTimeout(timer); timer = setTimeout(say, back === ${BURST_BYTES} ? 0 : 4000); };
    s.on("data", (d) => { back += d.length; wait(); });
    process.stdin.on("data", () => { back = 0; s.write(require("crypto").randomBytes(${BURST_BYTES})); wait(); });`;
  const program = from.start(process.execPath, ["-e", script]);
  await program.printed(/connected/);
  return program;
}
