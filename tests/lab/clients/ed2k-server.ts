// An eD2k server as small as aMule accepts one: it gives each client a high identity, which is its own address, and names
// one source of every file.

import type { Host } from "../host.ts";
import type { Program } from "../program.ts";
import { SERVER_PORT, type Source, sourceInAnswer } from "./amule.ts";

export async function startEd2kServer(host: Host, source: Source): Promise<Program> {
  const found = sourceInAnswer(source).toString("hex");
  const script = `
    const send = (s, code, body) => {
      const head = Buffer.from([0xe3, 0, 0, 0, 0, code]);
      head.writeUInt32LE(body.length + 1, 1);
      s.write(Buffer.concat([head, body]));
    };
    const answer = (s, code, body) => {
      if (code === 0x01) send(s, 0x40, Buffer.from(s.remoteAddress.replace("::ffff:", "").split(".").map(Number)));
      if (code !== 0x19 && code !== 0x23) return;
      const sources = Buffer.concat([body.subarray(0, 16), Buffer.of(1), Buffer.from("${found}", "hex")]);
      send(s, ${source.obfuscated ? "0x44" : "0x42"}, sources);
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
