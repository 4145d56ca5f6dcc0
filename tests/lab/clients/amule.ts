// amuled, which speaks eD2k: it shares what lies in its folder and fetches what a link names, once some server has given
// it an identity. The server here knows nothing else; sources stand in the link.

import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../deadline.ts";
import type { Host } from "../host.ts";
import type { Program } from "../program.ts";

const AMULE_PORT = 4662;
const SERVER_PORT = 4661;

/**
 * Gives each client a high identity, which is its own address, and names the one source of every file; the source's folder
 * tells the hash without which nobody obfuscates what they say to it.
 */
export async function startEd2kServer(
  host: Host,
  source: { readonly address: string; readonly folder: string; readonly obfuscated: boolean },
): Promise<Program> {
  const { address, folder, obfuscated } = source;
  const script = `
    const own = "${address}".split(".").map(Number);
    const send = (s, code, body) => {
      const head = Buffer.from([0xe3, 0, 0, 0, 0, code]);
      head.writeUInt32LE(body.length + 1, 1);
      s.write(Buffer.concat([head, body]));
    };
    const userHash = () => require("fs").readFileSync("${join(folder, "preferences.dat")}").subarray(1, 17);
    const answer = (s, code, body) => {
      if (code === 0x01) send(s, 0x40, Buffer.from(s.remoteAddress.replace("::ffff:", "").split(".").map(Number)));
      if (code !== 0x19 && code !== 0x23) return;
      const source = Buffer.from([1, ...own, ${AMULE_PORT & 255}, ${AMULE_PORT >> 8}]);
      const hidden = ${obfuscated ? "Buffer.concat([Buffer.from([0x83]), userHash()])" : "Buffer.alloc(0)"};
      send(s, ${obfuscated ? "0x44" : "0x42"}, Buffer.concat([body.subarray(0, 16), source, hidden]));
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

export type AmuleOptions = {
  /** An empty folder for its settings and files. */
  readonly folder: string;
  readonly server: string;
  /** Whether it hides what it says where it can. */
  readonly obfuscated: boolean;
};

export class Amule implements Disposable {
  readonly program: Program;
  readonly #folder: string;

  private constructor(folder: string, program: Program) {
    this.#folder = folder;
    this.program = program;
  }

  /** Shares `content` under its name. */
  static async start(host: Host, options: AmuleOptions, content: ReadonlyMap<string, Uint8Array> = new Map()) {
    const { folder, server, obfuscated } = options;
    for (const name of ["incoming", "temporary"]) mkdirSync(join(folder, name), { recursive: true });
    for (const [name, bytes] of content) writeFileSync(join(folder, "incoming", name), bytes);
    writeFileSync(join(folder, "amule.conf"), settingsOf(folder, obfuscated));
    const [address, port] = [server.split(".").map(Number), [SERVER_PORT & 255, SERVER_PORT >> 8]];
    writeFileSync(join(folder, "server.met"), Uint8Array.from([0x0e, 1, 0, 0, 0, ...address, ...port, 0, 0, 0, 0]));
    const program = host.start("amuled", [`--config-dir=${folder}`]);
    // What it prints stays in a buffer; its log does not.
    const log = join(folder, "logfile");
    await until("amuled is ready", () => existsSync(log) && /IP filter is ready/.test(readFileSync(log, "utf8")));
    return new Amule(folder, program);
  }

  download(link: string): void {
    writeFileSync(join(this.#folder, "ED2KLinks"), `${link}\n`);
  }

  log(): string {
    return readFileSync(join(this.#folder, "logfile"), "utf8");
  }

  hasWhole(name: string): boolean {
    return existsSync(join(this.#folder, "incoming", name));
  }

  [Symbol.dispose](): void {
    this.program[Symbol.dispose]();
  }
}

function settingsOf(folder: string, obfuscated: boolean): string {
  const crypt = obfuscated ? 1 : 0;
  const password = createHash("md5").update(randomBytes(16)).digest("hex");
  return `[eMule]
AppVersion=2.3.3
Nick=lab
Port=${AMULE_PORT}
UDPPort=4672
UDPEnable=0
TempDir=${join(folder, "temporary")}
IncomingDir=${join(folder, "incoming")}
ConnectToKad=0
ConnectToED2K=1
Autoconnect=1
Reconnect=1
UPnPEnabled=0
FilterLanIPs=0
IPFilterClients=0
IPFilterServers=0
Serverlist=0
AddServerListFromServer=0
AddServerListFromClient=0
[ExternalConnect]
AcceptExternalConnections=1
ECPort=4712
ECPassword=${password}
[Obfuscation]
IsClientCryptLayerSupported=${crypt}
IsCryptLayerRequested=${crypt}
IsClientCryptLayerRequired=0
`;
}
