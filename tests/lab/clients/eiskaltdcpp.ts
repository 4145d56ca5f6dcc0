// EiskaltDC++'s daemon 2.4, by its settings file and its JSON-RPC: it shares what lies in its folder, meets others on a hub,
// asks one of them for the list of what is shared, and fetches a file of it.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../deadline.ts";
import type { Host } from "../host.ts";
import { HttpDoor } from "../http.ts";
import type { Program } from "../program.ts";

export const CLIENT_PORT = 3000;
const TLS_PORT = 3001;
const HUB_PORT = 411;
const RPC_PORT = 3121;
const HUB_SCRIPT = fileURLToPath(new URL("../direct-connect-hub.ts", import.meta.url));
const SHARE = "share";
const INCOMING_DIRECT = 0;
const INCOMING_PASSIVE = 3;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CID_CHARACTERS = 38;
const MS_MAX = 60_000;

export type Dialect = "nmdc" | "adc";
export type Hub = Disposable & { readonly url: string; readonly port: number };

export async function startHub(host: Host, dialect: Dialect): Promise<Hub> {
  const program = host.start(process.execPath, [HUB_SCRIPT, dialect, host.address, String(HUB_PORT)]);
  await program.printed(/hub up/);
  const url = `${dialect === "adc" ? "adc" : "dchub"}://${host.address}:${HUB_PORT}`;
  return { url, port: HUB_PORT, [Symbol.dispose]: () => program[Symbol.dispose]() };
}

export type EiskaltOptions = {
  /** An empty folder for its settings and files. */
  readonly folder: string;
  readonly nick: string;
  /** Whether it dials others itself, as behind a firewall; else it has them dial. */
  readonly passive?: boolean;
  readonly tls?: boolean;
};

export class Eiskaltdcpp implements Disposable {
  readonly program: Program;
  readonly #door: HttpDoor;
  readonly #folder: string;

  private constructor(program: Program, door: HttpDoor, folder: string) {
    this.program = program;
    this.#door = door;
    this.#folder = folder;
  }

  /** Shares `content` under its names, and has hashed it when this resolves. */
  static async start(host: Host, options: EiskaltOptions, content: ReadonlyMap<string, Uint8Array> = new Map()) {
    const { folder } = options;
    for (const name of [SHARE, "incoming", "temporary"]) mkdirSync(join(folder, name));
    for (const [name, bytes] of content) writeFileSync(join(folder, SHARE, name), bytes);
    writeFileSync(join(folder, "DCPlusPlus.xml"), settingsOf(host.address, options, content.size > 0));
    const program = host.start("eiskaltdcpp-daemon", ["-c", folder, "-P", String(RPC_PORT)]);
    const door = await HttpDoor.open(host, folder, RPC_PORT);
    const client = new Eiskaltdcpp(program, door, folder);
    await until("EiskaltDC++'s RPC answers", () => client.#call("show.version").catch(() => false), MS_MAX);
    const hasHashed = async (): Promise<boolean> => !String(await client.#call("share.list")).includes("|0 B");
    if (content.size > 0) await until("EiskaltDC++ has hashed what it shares", hasHashed, MS_MAX);
    return client;
  }

  async join(hub: Hub): Promise<void> {
    await this.#call("hub.add", { huburl: hub.url, enc: "" });
  }

  async sees(hub: Hub, nick: string): Promise<boolean> {
    return String(await this.#call("hub.getusers", { huburl: hub.url })).includes(nick);
  }

  /** Whoever is on the hub is asked for files of this name. */
  async search(hub: Hub, name: string): Promise<void> {
    const any = { searchtype: 0, sizemode: 0, sizetype: 0, size: 0 };
    await this.#call("search.send", { searchstring: name, huburls: hub.url, ...any });
  }

  async found(hub: Hub): Promise<string> {
    return JSON.stringify(await this.#call("search.getresults", { huburl: hub.url }));
  }

  /** Has the list of what a person shares sent, over a connection between the two. */
  async askForList(hub: Hub, nick: string): Promise<void> {
    await until(`${nick} is on the hub`, () => this.sees(hub, nick), MS_MAX);
    await this.#call("list.download", { huburl: hub.url, nick });
  }

  /** The same, and then a file of it. */
  async download(hub: Hub, nick: string, name: string): Promise<void> {
    await this.askForList(hub, nick);
    // A list is there before it is whole, and then nothing can be taken from it.
    const isAsked = async (): Promise<boolean> => {
      const lists = String(await this.#call("list.local", { separator: "|" })).split("|");
      const filelist = lists.find((list) => list.startsWith(`${nick}.`));
      if (filelist === undefined) return false;
      await this.#call("list.closeall");
      await this.#call("list.open", { filelist });
      const downloadto = `${join(this.#folder, "incoming")}/`;
      return (await this.#call("list.downloadfile", { filelist, target: `${SHARE}\\${name}`, downloadto })) === 0;
    };
    await until(`${name} of ${nick}'s list is asked for`, isAsked, MS_MAX);
  }

  /** Whether anybody's list of what they share has come. */
  hasLists(): boolean {
    return readdirSync(join(this.#folder, "FileLists")).length > 0;
  }

  hasWhole(name: string): boolean {
    return existsSync(this.pathOf(name));
  }

  /** Where a file lies that it has fetched whole. */
  pathOf(name: string): string {
    return join(this.#folder, "incoming", name);
  }

  [Symbol.dispose](): void {
    this.#door[Symbol.dispose]();
    this.program[Symbol.dispose]();
  }

  async #call(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const answer = await this.#door.call({
      method: "POST",
      path: "/",
      // Told to close the connection, it often does so before it has answered.
      headers: { connection: "keep-alive" },
      body: JSON.stringify({ jsonrpc: "2.0", id: "1", method, params: { separator: "|", ...params } }),
    });
    const body = JSON.parse(answer.body.toString()) as { result?: unknown; error?: { message: string } };
    if (body.error !== undefined) throw new Error(`EiskaltDC++: ${method}: ${body.error.message}`);
    return body.result;
  }
}

// Two that start in the same second make themselves the same identity, so that each is given one.
function identityOf(nick: string): string {
  const digest = createHash("sha512").update(nick).digest();
  const characters = [...digest.subarray(0, CID_CHARACTERS)].map((byte) => BASE32[byte & 31]);
  return `${characters.join("")}A`;
}

function settingsOf(address: string, options: EiskaltOptions, isSharing: boolean): string {
  const { folder, nick, passive = false, tls = false } = options;
  const settings: Readonly<Record<string, string | number>> = {
    Nick: nick,
    CID: identityOf(nick),
    DownloadDirectory: `${join(folder, "incoming")}/`,
    TempDownloadDirectory: `${join(folder, "temporary")}/`,
    ExternalIp: address,
    NoIpOverride: 1,
    IncomingConnections: passive ? INCOMING_PASSIVE : INCOMING_DIRECT,
    AutoDetectIncomingConnection: 0,
    InPort: CLIENT_PORT,
    UDPPort: CLIENT_PORT,
    TLSPort: TLS_PORT,
    UseTLS: tls ? 1 : 0,
    RequireTLS: tls ? 1 : 0,
    HashingStartDelay: 0,
    EnableDynDNS: 0,
    UseDHT: 0,
  };
  const lines = Object.entries(settings).map(
    ([name, value]) => `<${name} type="${typeof value === "number" ? "int" : "string"}">${value}</${name}>`,
  );
  const shared = isSharing ? `<Directory Virtual="${SHARE}">${join(folder, SHARE)}/</Directory>` : "";
  return `<?xml version="1.0" encoding="utf-8"?>
<DCPlusPlus><Settings>${lines.join("\n")}</Settings><Share>${shared}</Share></DCPlusPlus>
`;
}
