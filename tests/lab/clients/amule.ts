// aMule's daemon, by the files that it reads: it shares what lies in its folder, knows one server or one Kad node when it
// starts, and fetches what a link names.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../deadline.ts";
import type { Host } from "../host.ts";
import type { Program } from "../program.ts";

export const SERVER_PORT = 4661;
const TCP_PORT = 4662;
const UDP_PORT = 4672;
const KAD_VERSION = 8;
/** Supports obfuscation, asks for it, and the hash that is its key follows. */
const OBFUSCATED_SOURCE = 0x83;
const PUBLIC_PREFIX = "81.2.69";

export type AmuleOptions = {
  /** An empty folder for its settings and files. */
  readonly folder: string;
  /** Its own address, of which its identities are made. */
  readonly address: string;
  /** Whether it hides what it says where it can. */
  readonly obfuscated: boolean;
  /** Who tells it of others: a server, or the Kad node that it asks first. */
  readonly knows: { readonly server: string } | { readonly friend: string };
};

export type Source = { readonly address: string; readonly obfuscated: boolean };

/** Kad takes no private address for a node's: gives the host another beside its own, and returns it. */
export function publicAddress(host: Host): string {
  const address = `${PUBLIC_PREFIX}.${host.address.split(".").at(-1)}`;
  host.run("ip", ["address", "add", `${address}/24`, "dev", "eth0"]);
  return address;
}

export class Amule implements Disposable {
  readonly program: Program;
  readonly #options: AmuleOptions;

  private constructor(program: Program, options: AmuleOptions) {
    this.program = program;
    this.#options = options;
  }

  /** Shares `content` under its name. */
  static async start(host: Host, options: AmuleOptions, content: ReadonlyMap<string, Uint8Array> = new Map()) {
    const { folder, address, knows } = options;
    for (const name of ["incoming", "temporary"]) mkdirSync(join(folder, name), { recursive: true });
    for (const [name, bytes] of content) writeFileSync(join(folder, "incoming", name), bytes);
    const files: Readonly<Record<string, string | Uint8Array>> = {
      "amule.conf": settingsOf(options),
      "preferences.dat": Buffer.concat([Buffer.of(0x14), userHash(address)]),
      // Last address, a word, the node's own id, a byte.
      "preferencesKad.dat": Buffer.concat([Buffer.alloc(6), kadId(address), Buffer.alloc(1)]),
      ...("server" in knows
        ? { "server.met": serverList(knows.server) }
        : { "nodes.dat": bootstrapNode(knows.friend) }),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const client = new Amule(host.start("amuled", [`--config-dir=${folder}`]), options);
    await client.logged(/IP filter is ready/);
    return client;
  }

  /** Resolves once its log says so: what it prints stays in a buffer, its log does not. */
  async logged(pattern: RegExp, withinMs = 60_000): Promise<void> {
    await until(`${this.program.title} logs ${pattern}`, () => pattern.test(this.log()), withinMs);
  }

  log(): string {
    const path = join(this.#options.folder, "logfile");
    return existsSync(path) ? readFileSync(path, "latin1") : "";
  }

  download(link: string): void {
    writeFileSync(join(this.#options.folder, "ED2KLinks"), `${link}\n`);
  }

  hasWhole(name: string): boolean {
    return existsSync(this.pathOf(name));
  }

  /** Where a file lies that it shares, or has fetched whole. */
  pathOf(name: string): string {
    return join(this.#options.folder, "incoming", name);
  }

  [Symbol.dispose](): void {
    this.program[Symbol.dispose]();
  }
}

/** Where a link says that a file can be fetched; nobody obfuscates what they say to a source whose hash they do not know. */
export function sourceInLink({ address, obfuscated }: Source): string {
  const key = obfuscated ? `:${OBFUSCATED_SOURCE}:${userHash(address).toString("hex")}` : "";
  return `|sources,${address}:${TCP_PORT}${key}|/`;
}

/** The same as a server answers it. */
export function sourceInAnswer({ address, obfuscated }: Source): Buffer {
  const place = Buffer.from([...octets(address), TCP_PORT & 255, TCP_PORT >> 8]);
  return obfuscated ? Buffer.concat([place, Buffer.of(OBFUSCATED_SOURCE), userHash(address)]) : place;
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

function octets(address: string): number[] {
  return address.split(".").map(Number);
}

function serverList(server: string): Uint8Array {
  return Uint8Array.from([0x0e, 1, 0, 0, 0, ...octets(server), SERVER_PORT & 255, SERVER_PORT >> 8, 0, 0, 0, 0]);
}

// nodes.dat, version 3, edition 1: nodes that are asked at once where the way into Kad is.
function bootstrapNode(friend: string): Buffer {
  const bytes = Buffer.alloc(16 + 16 + 9);
  for (const [at, value] of [0, 3, 1, 1].entries()) bytes.writeUInt32LE(value, at * 4);
  kadId(friend).copy(bytes, 16);
  bytes.set(octets(friend).reverse(), 32);
  bytes.writeUInt16LE(UDP_PORT, 36);
  bytes.writeUInt16LE(TCP_PORT, 38);
  bytes.writeUInt8(KAD_VERSION, 40);
  return bytes;
}

// Without a limit, aMule's sender begins at five kilobytes a second and feels its way up for minutes.
function settingsOf({ folder, obfuscated, knows }: AmuleOptions): string {
  const crypt = obfuscated ? 1 : 0;
  const [kad, server] = "friend" in knows ? [1, 0] : [0, 1];
  return `[eMule]
AppVersion=2.3.3
Nick=lab
Port=${TCP_PORT}
UDPPort=${UDP_PORT}
UDPEnable=${kad}
MaxUpload=50000
SlotAllocation=5000
TempDir=${join(folder, "temporary")}
IncomingDir=${join(folder, "incoming")}
ConnectToKad=${kad}
ConnectToED2K=${server}
Autoconnect=1
Reconnect=1
UPnPEnabled=0
NewVersionCheck=0
FilterLanIPs=0
IPFilterClients=0
IPFilterServers=0
Serverlist=0
AddServerListFromServer=0
AddServerListFromClient=0
[ExternalConnect]
AcceptExternalConnections=1
ECPort=4712
ECPassword=${createHash("md5").update("password").digest("hex")}
[Obfuscation]
IsClientCryptLayerSupported=${crypt}
IsCryptLayerRequested=${crypt}
IsClientCryptLayerRequired=${"friend" in knows ? crypt : 0}
CryptoPaddingLenght=254
`;
}
