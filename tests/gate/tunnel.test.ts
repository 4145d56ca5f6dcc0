// Peer-to-peer traffic inside of tunnels: the tunnel is refused as a whole, unless a grant covers what is in it or the
// policy only reports. The packets are made by hand, for not every kernel makes every tunnel.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "../lab/deadline.ts";
import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";
import { echoedBytes, startEcho } from "./echo.ts";
import { type Ends, half, ipv4, ipv6, joined, TCP, tcp } from "./frames.ts";
import { Institution } from "./institution.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft", "tcpdump");
const INNER: Ends = { source: ["10.9.0.1", 40_000], destination: ["10.9.0.2", 51_413] };
const REQUEST = Buffer.from("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
const HANDSHAKE = Buffer.from("\u{13}BitTorrent protocol".padEnd(68, "x"), "latin1");
const TEREDO = Uint8Array.from([0x20, 1, 0, 0, 0xc0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1]);

const segment = (payload: Uint8Array, sourcePort: number): Uint8Array =>
  tcp({ ...INNER, source: ["10.9.0.1", sourcePort] }, 9, TCP.push, payload);
const inner4 = (payload: Uint8Array, port: number): Uint8Array => ipv4(INNER, 6, segment(payload, port));
const inner6 = (payload: Uint8Array, port: number): Uint8Array => ipv6(6, segment(payload, port), TEREDO);

type Kind = {
  readonly name: string;
  /** A protocol of IP, or a port of UDP. */
  readonly over: { readonly protocol: number } | { readonly port: number };
  readonly wrap: (payload: Uint8Array, port: number) => Uint8Array;
};
const ETHER_IPV4 = 0x0800;
const KINDS: readonly Kind[] = [
  { name: "GRE", over: { protocol: 47 }, wrap: (p, port) => joined(half(0), half(ETHER_IPV4), inner4(p, port)) },
  { name: "IP in IP", over: { protocol: 4 }, wrap: inner4 },
  { name: "6in4", over: { protocol: 41 }, wrap: inner6 },
  { name: "Teredo", over: { port: 3544 }, wrap: inner6 },
  {
    name: "GTP",
    over: { port: 2152 },
    wrap: (p, port) => {
      const packet = inner4(p, port);
      return joined(half(0x30ff), half(packet.length), new Uint8Array(4), packet);
    },
  },
];

const socketOf = ({ over }: Kind): string =>
  "port" in over
    ? "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
    : `socket.socket(socket.AF_INET, socket.SOCK_RAW, ${over.protocol})`;

/** Prints one line for each packet of the tunnel that arrives. */
async function startEnd(host: Host, kind: Kind): Promise<Program> {
  const port = "port" in kind.over ? kind.over.port : 0;
  const script = `
import socket
s = ${socketOf(kind)}
s.bind(("${host.address}", ${port}))
print("listening", flush=True)
while True:
    s.recv(2000)
    print("arrived", flush=True)`;
  const program = host.start("/usr/bin/python3", ["-c", script]);
  await program.printed(/listening/);
  return program;
}

/** Sends each line of its input, from one socket: the tunnel is one flow. */
function startSender(from: Host, to: string, kind: Kind): Program {
  const port = "port" in kind.over ? kind.over.port : 0;
  const script = `
import socket, base64, sys
s = ${socketOf(kind)}
s.bind(("${from.address}", ${port}))
for line in sys.stdin:
    s.sendto(base64.b64decode(line), ("${to}", ${port}))
    print("sent", flush=True)`;
  return from.start("/usr/bin/python3", ["-c", script]);
}

class Tunnel implements Disposable {
  readonly #kind: Kind;
  readonly #sender: Program;
  readonly #end: Program;
  #packets = 0;

  private constructor(kind: Kind, sender: Program, end: Program) {
    this.#kind = kind;
    this.#sender = sender;
    this.#end = end;
  }

  static async open(from: Host, to: Host, kind: Kind): Promise<Tunnel> {
    const end = await startEnd(to, kind);
    return new Tunnel(kind, startSender(from, to.address, kind), end);
  }

  get arrived(): number {
    return this.#end.stdout.split("arrived").length - 1;
  }

  async send(payload: Uint8Array): Promise<void> {
    this.#packets += 1;
    this.#sender.write(Buffer.from(this.#kind.wrap(payload, 40_000 + this.#packets)).toString("base64"));
    await this.#sender.printed(new RegExp(`(sent\\s+){${this.#packets}}`));
  }

  /** Whether an ordinary packet, sent again and again for a moment, comes through. */
  async passes(): Promise<boolean> {
    const before = this.arrived;
    for (let packet = 0; packet < 5; packet += 1) await this.send(REQUEST);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return this.arrived > before;
  }

  [Symbol.dispose](): void {
    this.#sender[Symbol.dispose]();
    this.#end[Symbol.dispose]();
  }
}

const plainPasses = (from: Host, to: string): boolean => echoedBytes({ from, to, bytes: REQUEST }) === REQUEST.length;

test("H175: a tunnel that carries BitTorrent is refused, and its maker's other traffic is not", { skip }, async () => {
  using yard = new Yard();
  const institution = new Institution(yard.folder);
  await institution.publish();
  using _echo = await startEcho(yard.outside);
  const config = yard.path("gate.json");
  const hosts = KINDS.map(() => yard.client());
  const devices = Object.fromEntries(KINDS.map((_, at) => [`device-${at}`, { addresses: [hosts[at]?.address] }]));
  writeFileSync(config, JSON.stringify({ devices }));
  using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0", "--config", config, ...institution.words);
  for (const [at, kind] of KINDS.entries()) {
    const host = hosts[at];
    assert.ok(host !== undefined);
    using tunnel = await Tunnel.open(host, yard.outside, kind);
    assert.equal(await tunnel.passes(), true, `${kind.name} passes while nothing is wrong with it`);
    await tunnel.send(HANDSHAKE);
    await gate.printed(new RegExp(`"event":"tunnel","action":"block","outer":{[^}]*"src":"${host.address}"`));
    await until(`${kind.name} is refused`, async () => !(await tunnel.passes()));
    assert.equal(plainPasses(host, yard.outside.address), true);
    await institution.grant({ id: `G-${at}`, device: `device-${at}` });
    await gate.printed(new RegExp(`"grant":"G-${at}"`));
    await tunnel.send(HANDSHAKE);
    assert.equal(await tunnel.passes(), true, `${kind.name} is open for what its maker was granted`);
  }
});

test("H175: a policy that only reports tunnels lets them pass, and says what is in them", { skip }, async () => {
  using yard = new Yard();
  const host = yard.client();
  const config = yard.path("gate.json");
  writeFileSync(config, JSON.stringify({ tunnels: "report" }));
  using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0", "--config", config);
  const [kind] = KINDS;
  assert.ok(kind !== undefined);
  using tunnel = await Tunnel.open(host, yard.outside, kind);
  await tunnel.send(HANDSHAKE);
  await gate.printed(/"event":"tunnel","action":"report".*"code":"bt.handshake"/);
  assert.equal(await tunnel.passes(), true);
});
