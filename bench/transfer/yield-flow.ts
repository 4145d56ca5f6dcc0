// One end of one flow, for `yield.ts`: `sink PORT` takes TCP and uTP and says how much of each has come whenever it is
// asked by a line; `tcp HOST PORT` and `utp HOST PORT` send as fast as they may until they are ended.

import { createInterface } from "node:readline";
import { tcpTransport } from "../../src/engine/transport/tcp.ts";
import type { PeerStream, Transport } from "../../src/engine/transport/transport.ts";
import { UtpTransport } from "../../src/engine/transport/utp/transport.ts";
import { realWorld } from "../../src/world/real/world.ts";

const CHUNK = new Uint8Array(64 * 1024);
const UNSENT_BYTES = 256 * 1024;

const transports = { tcp: tcpTransport(realWorld.net), utp: new UtpTransport(realWorld) };

async function sink(port: number): Promise<void> {
  const received = { tcp: 0, utp: 0 };
  const take = (name: keyof typeof received, stream: PeerStream) =>
    stream.start({
      onData: (bytes) => {
        received[name] += bytes.length;
      },
      onDrain: () => undefined,
      onClose: () => undefined,
    });
  for (const name of ["tcp", "utp"] as const) {
    const request = {
      at: { host: "0.0.0.0", port },
      infoHashes: () => [],
      mayAccept: () => true,
      accept: (stream: PeerStream) => take(name, stream),
    };
    const listening = await transports[name].listen?.(request);
    if (listening?.ok !== true) throw new Error(`cannot listen for ${name}`);
  }
  console.log("listening");
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(`${line} ${performance.now()} ${received.tcp} ${received.utp}`);
  }
}

async function send(transport: Transport, host: string, port: number): Promise<void> {
  const request = { remote: { host, port }, infoHash: new Uint8Array(20), signal: AbortSignal.timeout(10_000) };
  const dialled = await transport.dial(request);
  if (!dialled.ok) throw new Error(dialled.error.code);
  const stream = dialled.value;
  const fill = (): void => {
    while (stream.unsentBytes < UNSENT_BYTES) stream.write(CHUNK);
  };
  stream.start({ onData: () => undefined, onDrain: fill, onClose: () => process.exit(0) });
  fill();
  console.log("sending");
}

const [mode = "", ...rest] = process.argv.slice(2);
const [host = "", port = ""] = rest;
if (mode === "sink") await sink(Number(host));
else await send(mode === "utp" ? transports.utp : transports.tcp, host, Number(port));
