// aMule's daemon, by the files that it reads: it knows one Kad node when it starts, and takes links while it runs.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../deadline.ts";
import type { Host } from "../host.ts";
import type { Program } from "../program.ts";

const TCP_PORT = 4662;
const UDP_PORT = 4672;
const KAD_VERSION = 8;
/** Supports obfuscation, asks for it, and the hash that is its key follows. */
const OBFUSCATED_SOURCE = 0x83;

export type AmuledOptions = {
  /** An empty folder: its home. */
  readonly folder: string;
  /** Its own address. */
  readonly address: string;
  readonly obfuscated: boolean;
  /** The address of the node that it asks first. */
  readonly friend: string;
};

const PUBLIC_PREFIX = "81.2.69";

/** Kad takes no private address for a node's: gives the host another beside its own, and returns it. */
export function publicAddress(host: Host): string {
  const address = `${PUBLIC_PREFIX}.${host.address.split(".").at(-1)}`;
  host.run("ip", ["address", "add", `${address}/24`, "dev", "eth0"]);
  return address;
}

export class Amuled implements Disposable {
  readonly program: Program;
  readonly #options: AmuledOptions;

  private constructor(program: Program, options: AmuledOptions) {
    this.program = program;
    this.#options = options;
  }

  static start(host: Host, options: AmuledOptions): Amuled {
    const settings = join(options.folder, ".aMule");
    for (const name of ["Temp", "Incoming"]) mkdirSync(join(settings, name), { recursive: true });
    writeFileSync(join(settings, "amule.conf"), configuration(settings, options));
    writeFileSync(join(settings, "preferences.dat"), Buffer.concat([Buffer.of(0x14), userHash(options.address)]));
    // Last address, a word, the node's own id, a byte.
    writeFileSync(
      join(settings, "preferencesKad.dat"),
      Buffer.concat([Buffer.alloc(6), kadId(options.address), Buffer.alloc(1)]),
    );
    writeFileSync(join(settings, "nodes.dat"), bootstrapNode(options.friend));
    const program = host.start("amuled", [], { env: { HOME: options.folder } });
    return new Amuled(program, options);
  }

  /** Resolves when another node has answered it. */
  async connected(withinMs = 60_000): Promise<void> {
    const log = join(this.#options.folder, ".aMule", "logfile");
    const isConnected = (): boolean => existsSync(log) && readFileSync(log, "latin1").includes("Connected to Kad");
    await until(`${this.program.title} joins Kad`, isConnected, withinMs);
  }

  /** Begins to fetch from another client a file that it has not: they introduce themselves before they speak of it. */
  fetchFrom(address: string): void {
    const file = createHash("md5").update("a file").digest("hex");
    const key = this.#options.obfuscated ? `:${OBFUSCATED_SOURCE}:${userHash(address).toString("hex")}` : "";
    const link = `ed2k://|file|file.bin|1000000|${file}|/|sources,${address}:${TCP_PORT}${key}|/`;
    writeFileSync(join(this.#options.folder, ".aMule", "ED2KLinks"), `${link}\n`);
  }

  [Symbol.dispose](): void {
    this.program[Symbol.dispose]();
  }
}

// eMule marks its hashes in two places.
function userHash(address: string): Buffer {
  const hash = createHash("md5").update(`user ${address}`).digest();
  hash[5] = 14;
  hash[14] = 111;
  return hash;
}

function kadId(address: string): Buffer {
  return createHash("md5").update(`node ${address}`).digest();
}

// nodes.dat, version 3, edition 1: nodes that are asked at once where the way into Kad is.
function bootstrapNode(friend: string): Buffer {
  const bytes = Buffer.alloc(16 + 16 + 9);
  for (const [at, value] of [0, 3, 1, 1].entries()) bytes.writeUInt32LE(value, at * 4);
  kadId(friend).copy(bytes, 16);
  const [a = 0, b = 0, c = 0, d = 0] = friend.split(".").map(Number);
  bytes.set([d, c, b, a], 32);
  bytes.writeUInt16LE(UDP_PORT, 36);
  bytes.writeUInt16LE(TCP_PORT, 38);
  bytes.writeUInt8(KAD_VERSION, 40);
  return bytes;
}

function configuration(settings: string, options: AmuledOptions): string {
  const flag = options.obfuscated ? 1 : 0;
  return [
    "[eMule]",
    "AppVersion=2.3.3",
    "Nick=somebody",
    `Port=${TCP_PORT}`,
    `UDPPort=${UDP_PORT}`,
    "UDPEnable=1",
    "Autoconnect=1",
    "ConnectToKad=1",
    "ConnectToED2K=0",
    `TempDir=${settings}/Temp`,
    `IncomingDir=${settings}/Incoming`,
    "FilterLanIPs=0",
    "UPnPEnabled=0",
    "NewVersionCheck=0",
    // The daemon will not run without a door for its remote control.
    "[ExternalConnect]",
    "AcceptExternalConnections=1",
    `ECPassword=${createHash("md5").update("password").digest("hex")}`,
    "[Obfuscation]",
    `IsClientCryptLayerSupported=${flag}`,
    `IsCryptLayerRequested=${flag}`,
    `IsClientCryptLayerRequired=${flag}`,
    "CryptoPaddingLenght=254",
    "",
  ].join("\n");
}
