// An echo outside and callers inside: what comes back was let through in both directions.

import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";

export const ECHO_PORT = 443;
const HANDSHAKE = Buffer.concat([Buffer.from("\u{13}BitTorrent protocol", "latin1"), Buffer.alloc(48, 7)]);

/** Answers TCP and UDP with what it was sent. */
export async function startEcho(host: Host, port = ECHO_PORT): Promise<Program> {
  const script = `
    require("net").createServer((s) => { s.on("error", () => 0); s.pipe(s); }).listen(${port}, () => console.log("tcp up"));
    const u = require("dgram").createSocket("udp6");
    u.on("message", (m, from) => u.send(m, from.port, from.address));
    u.bind(${port}, () => console.log("udp up"));`;
  const program = host.start(process.execPath, ["-e", script]);
  await program.printed(/tcp up[\s\S]*udp up|udp up[\s\S]*tcp up/);
  return program;
}

type Call = {
  readonly from: Host;
  readonly to: string;
  readonly port?: number;
  readonly bytes: Uint8Array;
  /** So many random bytes follow. */
  readonly randomBytes?: number;
  readonly waitMs?: number;
  /** The first bytes go out in a segment each. */
  readonly isSplit?: boolean;
};

/** How many of the bytes came back. */
export function echoedBytes(call: Call): number {
  const { from, to, port = ECHO_PORT, bytes, randomBytes = 0, waitMs = 1500, isSplit = false } = call;
  const script = `
    let got = 0;
    const opening = Buffer.from("${Buffer.from(bytes).toString("base64")}", "base64");
    const wanted = Buffer.concat([opening, require("crypto").randomBytes(${randomBytes})]);
    const done = () => { console.log(got); process.exit(); };
    const say = (at) => {
      if (!${isSplit} || at === opening.length) s.write(wanted.subarray(at));
      else s.write(wanted.subarray(at, at + 1), () => setTimeout(say, 3, at + 1));
    };
    const s = require("net").connect({ port: ${port}, host: "${to}", noDelay: true }, () => say(0));
    s.on("data", (d) => { got += d.length; if (got >= wanted.length) done(); });
    s.on("error", done);
    setTimeout(done, ${waitMs});`;
  return Number(from.run(process.execPath, ["-e", script]));
}

/** Whether a BitTorrent handshake comes back from the echo. */
export function handshakePasses(from: Host, to: string, port = ECHO_PORT): boolean {
  return echoedBytes({ from, to, port, bytes: HANDSHAKE }) === HANDSHAKE.length;
}

/** A connection that stays open: each line on its input sends a handshake, each answer prints "back". */
export async function startCaller(from: Host, to: string): Promise<Program> {
  const script = `
    const s = require("net").connect(${ECHO_PORT}, "${to}", () => console.log("connected"));
    s.on("data", () => console.log("back"));
    s.on("error", () => console.log("ended"));
    process.stdin.on("data", () => s.write(Buffer.from("${HANDSHAKE.toString("base64")}", "base64")));`;
  const program = from.start(process.execPath, ["-e", script]);
  await program.printed(/connected/);
  return program;
}

type Datagrams = {
  readonly from: Host;
  readonly to: string;
  readonly count: number;
  /** Of each; random but for the beginning. */
  readonly bytes: number;
  readonly begins: Uint8Array;
};

/** How many datagrams of one socket came back; the next is sent when one did, or after a moment. */
export function echoedDatagrams({ from, to, count, bytes, begins }: Datagrams): number {
  const script = `
    const begins = Buffer.from("${Buffer.from(begins).toString("base64")}", "base64");
    const u = require("dgram").createSocket("udp${to.includes(":") ? 6 : 4}");
    let sent = 0, back = 0, timer;
    const next = () => {
      clearTimeout(timer);
      if (sent++ === ${count}) { console.log(back); process.exit(); }
      u.send(Buffer.concat([begins, require("crypto").randomBytes(${bytes} - begins.length)]), ${ECHO_PORT}, "${to}");
      timer = setTimeout(next, back === sent - 1 ? 1000 : 10);
    };
    u.on("message", () => { back++; next(); });
    next();`;
  return Number(from.run(process.execPath, ["-e", script]));
}

/** Says the opening, then sends as much as the connection takes, until it is disposed of. */
export function startPump(from: Host, to: string, opening: Uint8Array): Program {
  const script = `
    const s = require("net").connect(${ECHO_PORT}, "${to}");
    const bytes = require("crypto").randomBytes(65536), more = () => { while (s.write(bytes)); };
    s.on("data", () => 0); s.on("drain", more); s.on("error", (e) => console.log(e.code));
    s.write(Buffer.from("${Buffer.from(opening).toString("base64")}", "base64"), more);`;
  return from.start(process.execPath, ["-e", script]);
}
