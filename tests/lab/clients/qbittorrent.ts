// qBittorrent 4.5, by its Web API.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { until } from "../deadline.ts";
import type { Host } from "../host.ts";
import { HttpDoor } from "../http.ts";
import type { Program } from "../program.ts";
import type { Client, ClientOptions, Encryption, Source, Transfer, TransferState } from "./client.ts";

const WEB_PORT = 8080;
// Its numbers: 0 prefers, 1 requires, 2 disables encryption.
const ENCRYPTION: Readonly<Record<Encryption, number>> = { off: 2, prefer: 0, require: 1 };
const BOUNDARY = "swarmgate-lab-boundary";

type WebTorrent = {
  readonly hash: string;
  readonly state: string;
  readonly progress: number;
  readonly completed: number;
  readonly uploaded: number;
  readonly num_leechs: number;
  readonly num_seeds: number;
};

export class Qbittorrent implements Client {
  readonly title = "qBittorrent";
  readonly port: number;
  readonly program: Program;
  readonly #door: HttpDoor;

  private constructor(port: number, program: Program, door: HttpDoor) {
    this.port = port;
    this.program = program;
    this.#door = door;
  }

  static async start(host: Host, options: ClientOptions): Promise<Qbittorrent> {
    const port = options.port ?? 6881;
    const config = join(options.folder, "qBittorrent", "config");
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, "qBittorrent.conf"), settings(port, options));
    const program = host.start("qbittorrent-nox", [`--profile=${options.folder}`, `--webui-port=${WEB_PORT}`]);
    const door = await HttpDoor.open(host, options.folder, WEB_PORT);
    await until("qBittorrent's Web API answers", () => door.answers("/api/v2/app/version"));
    return new Qbittorrent(port, program, door);
  }

  async add(source: Source, folder: string): Promise<Transfer> {
    const fields = { savepath: folder, contentLayout: "Original", autoTMM: "false", paused: "false" };
    const body = "file" in source ? form(fields, source.file) : form({ ...fields, urls: source.magnet });
    const known = new Set((await this.#torrents()).map((torrent) => torrent.hash));
    await this.#post("torrents/add", `multipart/form-data; boundary=${BOUNDARY}`, body);
    const added = await until("qBittorrent lists the torrent", async () =>
      (await this.#torrents()).find((torrent) => !known.has(torrent.hash)),
    );
    return {
      state: () => this.#state(added.hash),
      addPeer: async (address, port) => {
        const peers = new URLSearchParams({ hashes: added.hash, peers: `${address}:${port}` });
        await this.#post("torrents/addPeers", "application/x-www-form-urlencoded", peers.toString());
      },
    };
  }

  [Symbol.dispose](): void {
    this.#door[Symbol.dispose]();
    this.program[Symbol.dispose]();
  }

  async #state(hash: string): Promise<TransferState> {
    const torrent = (await this.#torrents()).find((one) => one.hash === hash);
    if (torrent === undefined) throw new Error("qBittorrent has lost the torrent");
    return {
      // Checking states have a progress too; only these are "has everything".
      complete: /^(uploading|stalledUP|pausedUP|queuedUP|forcedUP)$/.test(torrent.state) && torrent.progress === 1,
      doneBytes: torrent.completed,
      uploadedBytes: torrent.uploaded,
      peers: torrent.num_leechs + torrent.num_seeds,
      trouble: /error|missingFiles/.test(torrent.state) ? torrent.state : undefined,
    };
  }

  async #torrents(): Promise<WebTorrent[]> {
    const answer = await this.#door.call({ path: "/api/v2/torrents/info" });
    return JSON.parse(answer.body.toString()) as WebTorrent[];
  }

  async #post(path: string, type: string, body: string | Buffer): Promise<void> {
    const answer = await this.#door.call({
      method: "POST",
      path: `/api/v2/${path}`,
      headers: { "content-type": type, "content-length": String(Buffer.byteLength(body)) },
      body,
    });
    if (answer.status !== 200) throw new Error(`qBittorrent: ${path}: ${answer.status} ${answer.body.toString()}`);
  }
}

function form(fields: Readonly<Record<string, string>>, file?: string): Buffer {
  const parts = Object.entries(fields).map(([name, value]) =>
    Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  );
  if (file !== undefined) {
    const head = `content-disposition: form-data; name="torrents"; filename="${basename(file)}"`;
    parts.push(Buffer.from(`--${BOUNDARY}\r\n${head}\r\ncontent-type: application/x-bittorrent\r\n\r\n`));
    parts.push(readFileSync(file), Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

function settings(port: number, options: ClientOptions): string {
  const kib = (bytes: number | undefined): number => Math.ceil((bytes ?? 0) / 1024);
  return `[LegalNotice]
Accepted=true

[BitTorrent]
Session\\Port=${port}
Session\\DHTEnabled=false
Session\\LSDEnabled=false
Session\\PeXEnabled=false
Session\\Encryption=${ENCRYPTION[options.encryption ?? "off"]}
Session\\BTProtocol=${options.utp === true ? "UTP" : "TCP"}
Session\\GlobalUPSpeedLimit=${kib(options.uploadBytesPerSecond)}
Session\\GlobalDLSpeedLimit=${kib(options.downloadBytesPerSecond)}
Session\\MultiConnectionsPerIp=true
Session\\QueueingSystemEnabled=false

[Network]
PortForwardingEnabled=false

[Preferences]
Connection\\UPnP=false
WebUI\\Address=127.0.0.1
WebUI\\Port=${WEB_PORT}
WebUI\\LocalHostAuth=false
WebUI\\CSRFProtection=false
WebUI\\HostHeaderValidation=false
WebUI\\UseUPnP=false
`;
}
