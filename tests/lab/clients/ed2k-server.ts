// An eD2k server as small as aMule accepts one: it gives each client a high identity, which is its own address, or a low one
// as to who cannot be dialled; names one source of every file; and has who cannot be dialled call back.

import type { Host } from "../host.ts";
import type { Program } from "../program.ts";
import { SERVER_PORT, type Source, sourceInAnswer } from "./amule.ts";

export type Ed2kServerOptions = {
  readonly source: Source;
  /** Whom it gives a low identity. */
  readonly firewalled?: string;
  /** Whom the firewalled is told to call as soon as it is there. */
  readonly calls?: string;
};

/** Below 2^24 an identity is no address. */
const LOW_ID = Buffer.of(7, 0, 0, 0);

export async function startEd2kServer(host: Host, options: Ed2kServerOptions): Promise<Program> {
  const { source, firewalled = "", calls = "" } = options;
  const place = sourceInAnswer(source);
  const found = source.address === firewalled ? Buffer.concat([LOW_ID, place.subarray(LOW_ID.length)]) : place;
  const script = `
    const port = Buffer.from([0x36, 0x12]), low = Buffer.from("${LOW_ID.toString("hex")}", "hex");
    const octets = (address) => Buffer.from(address.split(".").map(Number));
    const clients = new Map();
    const send = (s, code, ...parts) => {
      const body = Buffer.concat(parts), head = Buffer.from([0xe3, 0, 0, 0, 0, code]);
      head.writeUInt32LE(body.length + 1, 1);
      s?.write(Buffer.concat([head, body]));
    };
    const answer = (s, code, body) => {
      const address = s.remoteAddress.replace("::ffff:", "");
      if (code === 0x01) {
        clients.set(address, s);
        const isLow = address === "${firewalled}";
        send(s, 0x40, isLow ? low : octets(address));
        if (isLow && "${calls}" !== "") send(s, 0x35, octets("${calls}"), port);
      }
      if (code === 0x1c) {
        console.log("call back " + address);
        send(clients.get("${firewalled}"), 0x35, octets(address), port);
      }
      if (code !== 0x19 && code !== 0x23) return;
      send(s, ${source.obfuscated ? "0x44" : "0x42"}, body.subarray(0, 16), Buffer.of(1), Buffer.from("${found.toString("hex")}", "hex"));
    };
    require("net").createServer((s) => {
      let held = Buffer.alloc(0);
      s.on("error", () => 0);
      s.on("data", (d) => {
        held = Buffer.concat([held, d]);
        while (held.length >= 6 && held.length >= 5 + held.readUInt32LE(1)) {
          const end = 5 + held.readUInt32LE(1);
          answer(s, held[5], held.subarray(6, end));
          held = held.subarray(end);
        }
      });
    }).listen(${SERVER_PORT}, "${host.address}", () => console.log("server up"));`;
  const program = host.start(process.execPath, ["-e", script]);
  await program.printed(/server up/);
  return program;
}
