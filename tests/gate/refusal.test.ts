// How a refusal feels at the client: silence is the default; told to say so, the gate answers at once, over IPv4 and IPv6.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { enforcingBatch } from "../../src/gate/enforce/mode.ts";
import { DEFAULT_POLICY, type GatePolicy } from "../../src/gate/enforce/policy.ts";
import { ruleset } from "../../src/gate/enforce/ruleset.ts";
import type { Host } from "../lab/host.ts";
import { missing } from "../lab/requirements.ts";
import { ECHO_PORT, startEcho } from "./echo.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft");
const AT_ONCE_MS = 1000;
const HANDSHAKE = Buffer.from("\u{13}BitTorrent protocol".padEnd(68, "x"), "latin1").toString("base64");
const TRACKER_CONNECT = Buffer.from("00000417271019800000000012345678", "hex").toString("base64");

function load(yard: Yard, refuse: GatePolicy["refuse"]): void {
  const file = yard.path("rules.nft");
  writeFileSync(file, ruleset({ ...DEFAULT_POLICY, refuse }) + enforcingBatch("enforce", undefined));
  yard.nft("-f", file);
}

type Answer = { readonly code: string; readonly afterMs: number };

/** What a connected socket says of a handshake; `silence` when it says nothing within two seconds. */
function overTcp(host: Host, to: string): Answer {
  const script = `
    const s = require("net").connect(${ECHO_PORT}, "${to}"); let since;
    const say = (code) => { console.log(JSON.stringify({ code, afterMs: performance.now() - since })); process.exit(); };
    s.on("connect", () => { since = performance.now(); s.write(Buffer.from("${HANDSHAKE}", "base64")); setTimeout(() => say("silence"), 2000); });
    s.on("error", (e) => say(e.code));
    s.on("data", () => say("answer"));`;
  return JSON.parse(host.run(process.execPath, ["-e", script])) as Answer;
}

// A connected datagram socket is told of ICMP errors by its next send.
function overUdp(host: Host, to: string): Answer {
  const script = `
import socket, base64, json, time
s = socket.socket(socket.AF_INET6 if ":" in "${to}" else socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("${to}", ${ECHO_PORT})); s.settimeout(2); since = time.monotonic(); code = "silence"
s.setsockopt(*((socket.IPPROTO_IPV6, 25, 1) if ":" in "${to}" else (socket.IPPROTO_IP, 11, 1)))
s.send(base64.b64decode("${TRACKER_CONNECT}"))
try:
    s.recv(100); code = "answer"
except socket.timeout: pass
except OSError as e: code = __import__("errno").errorcode[e.errno]
print(json.dumps({"code": code, "afterMs": (time.monotonic() - since) * 1000}))`;
  return JSON.parse(host.run("/usr/bin/python3", ["-c", script])) as Answer;
}

const VARIANTS = [
  { refuse: "silently", tcp: /^silence$/, udp: /^silence$/ },
  { refuse: "with-icmp", tcp: /^(silence|EHOSTUNREACH|EACCES)$/, udp: /^(EHOSTUNREACH|EACCES)$/ },
  { refuse: "with-reset", tcp: /^ECONNRESET$/, udp: /^(EHOSTUNREACH|EACCES)$/ },
] as const;

for (const { refuse, tcp, udp } of VARIANTS) {
  test(`refusing ${refuse}: what a client sees, over IPv4 and IPv6`, { skip }, async () => {
    using yard = new Yard();
    const host = yard.client();
    using _echo = await startEcho(yard.outside);
    load(yard, refuse);
    for (const to of [yard.outside.address, yard.address6(yard.outside)]) {
      const connected = overTcp(host, to);
      assert.match(connected.code, tcp, to);
      if (refuse === "with-reset") assert.ok(connected.afterMs < AT_ONCE_MS, `${connected.afterMs} ms`);
      const datagram = overUdp(host, to);
      assert.match(datagram.code, udp, to);
      if (refuse !== "silently") assert.ok(datagram.afterMs < AT_ONCE_MS, `${datagram.afterMs} ms`);
    }
  });
}
