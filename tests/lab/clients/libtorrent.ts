// libtorrent 2.0, driven through a small Python program: the reference for v2, hybrid, uTP and SSL torrents.

import { fileURLToPath } from "node:url";
import type { Leaf } from "../certificates.ts";
import { until, withDeadline } from "../deadline.ts";
import type { Host } from "../host.ts";
import { Program } from "../program.ts";
import type { Client, ClientOptions, Encryption, Source, Transfer, TransferState } from "./client.ts";

const SCRIPT = fileURLToPath(new URL("../libtorrent-peer.py", import.meta.url));
const PYTHON = "/usr/bin/python3";
// libtorrent's numbers: 0 forced, 1 enabled, 2 disabled.
const ENCRYPTION: Readonly<Record<Encryption, number>> = { off: 2, prefer: 1, require: 0 };
// error, peer, storage, tracker and connect notifications.
const ALERT_MASK = 0x1 | 0x2 | 0x8 | 0x10 | 0x20;
const ANSWER_MS_MAX = 60_000;

export type LibtorrentOptions = ClientOptions & {
  /** Port of the TLS listener for SSL torrents. */
  readonly sslPort?: number;
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
};

export type LibtorrentPeer = {
  readonly address: string;
  readonly port: number;
  /** How many pieces it is known to have. */
  readonly pieces: number;
  readonly client: string;
  readonly utp: boolean;
  readonly ssl: boolean;
  readonly rc4: boolean;
};

export type LibtorrentStatus = {
  readonly state: string;
  readonly complete: boolean;
  readonly doneBytes: number;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly failedBytes: number;
  readonly error: string | null;
  readonly peers: readonly LibtorrentPeer[];
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
};

export type TorrentFormat = "v1" | "v2" | "hybrid";
export type CreateOptions = {
  readonly path: string;
  readonly output: string;
  readonly format: TorrentFormat;
  readonly pieceBytes?: number;
  readonly trackers?: readonly string[];
  readonly private?: boolean;
  readonly rootCertificate?: string;
};
export type CreatedTorrent = {
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
  readonly magnet: string;
  readonly pieces: number;
};

export interface LibtorrentTransfer extends Transfer {
  readonly addPeer: (address: string, port: number) => Promise<void>;
  status(): Promise<LibtorrentStatus>;
  readonly certificate: (leaf: Leaf) => Promise<void>;
  limitUpload(bytesPerSecond: number): Promise<void>;
}

type Answer = {
  readonly id: number;
  readonly alerts: readonly string[];
  readonly result?: unknown;
  readonly error?: string;
};

export class Libtorrent implements Client {
  readonly title = "libtorrent";
  readonly port: number;
  readonly program: Program;
  /** Everything that the session reported, in order. */
  readonly alerts: string[] = [];
  #calls = 0;

  private constructor(port: number, program: Program) {
    this.port = port;
    this.program = program;
  }

  static async start(host: Host, options: LibtorrentOptions): Promise<Libtorrent> {
    const port = options.port ?? 6881;
    const settings = JSON.stringify(settingsOf(port, options));
    const program = host.start(PYTHON, [SCRIPT, settings]);
    await program.printed(/"ready"/);
    return new Libtorrent(port, program);
  }

  /** For making torrents only: no host, and it listens nowhere. */
  static async maker(): Promise<Libtorrent> {
    const program = new Program(PYTHON, [SCRIPT, JSON.stringify({ listen_interfaces: "", enable_dht: false })]);
    await program.printed(/"ready"/);
    return new Libtorrent(0, program);
  }

  /** On this machine's own loopback, at a free port: for an engine that runs inside the test. */
  static async onLoopback(options: Pick<LibtorrentOptions, "utp" | "settings"> = {}): Promise<Libtorrent> {
    const settings = {
      ...settingsOf(0, { folder: "", ...options }),
      listen_interfaces: "127.0.0.1:0",
      ...options.settings,
    };
    const program = new Program(PYTHON, [SCRIPT, JSON.stringify(settings)]);
    await program.printed(/"ready"/);
    const asking = new Libtorrent(0, program);
    const port = await until("libtorrent listens", async () => {
      const answer = (await asking.#call({ command: "listening" })) as { port: number };
      return answer.port > 0 && answer.port;
    });
    const client = new Libtorrent(port, program);
    client.#calls = asking.#calls;
    return client;
  }

  /** How many nodes of the hash table it knows. */
  async dhtNodes(): Promise<number> {
    return ((await this.#call({ command: "listening" })) as { dhtNodes: number }).dhtNodes;
  }

  async meetNode(address: string, port: number): Promise<void> {
    await this.#call({ command: "dhtNode", address, port });
  }

  /** Asks the hash table to keep a text (BEP 44); its name in hexadecimal. */
  async putItem(text: string): Promise<string> {
    return ((await this.#call({ command: "putItem", text })) as { target: string }).target;
  }

  /** What comes back is told among the alerts. */
  async askForItem(target: string): Promise<void> {
    await this.#call({ command: "getItem", target });
  }

  async create(options: CreateOptions): Promise<CreatedTorrent> {
    return (await this.#call({ command: "create", ...options })) as CreatedTorrent;
  }

  async add(source: Source, folder: string): Promise<LibtorrentTransfer> {
    const { torrent } = (await this.#call({ command: "add", ...source, folder })) as { torrent: number };
    const status = async (): Promise<LibtorrentStatus> =>
      (await this.#call({ command: "status", torrent })) as LibtorrentStatus;
    return {
      status,
      state: async () => stateOf(await status()),
      addPeer: async (address, port) => {
        await this.#call({ command: "connect", torrent, address, port });
      },
      certificate: async (leaf) => {
        await this.#call({ command: "certificate", torrent, ...leaf });
      },
      limitUpload: async (uploadBytesPerSecond) => {
        await this.#call({ command: "limit", torrent, uploadBytesPerSecond });
      },
    };
  }

  [Symbol.dispose](): void {
    this.program[Symbol.dispose]();
  }

  async #call(command: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.#calls += 1;
    const id = this.#calls;
    const answered = this.program.printed(new RegExp(`^{"id": ${id}, .*}$`, "m"), ANSWER_MS_MAX);
    this.program.write(JSON.stringify({ ...command, id }));
    const [line] = await withDeadline(answered, ANSWER_MS_MAX, () => `no answer to ${JSON.stringify(command)}`);
    const answer = JSON.parse(line) as Answer;
    this.alerts.push(...answer.alerts);
    if (answer.error !== undefined) throw new Error(`libtorrent: ${answer.error}`);
    return answer.result;
  }
}

function stateOf(status: LibtorrentStatus): TransferState {
  return {
    complete: status.complete,
    doneBytes: status.doneBytes,
    uploadedBytes: status.uploadedBytes,
    peers: status.peers.length,
    trouble: status.error ?? undefined,
  };
}

function settingsOf(port: number, options: LibtorrentOptions): Record<string, string | number | boolean> {
  const ssl = options.sslPort === undefined ? "" : `,0.0.0.0:${options.sslPort}s`;
  const encryption = ENCRYPTION[options.encryption ?? "off"];
  const utp = options.utp ?? false;
  return {
    listen_interfaces: `0.0.0.0:${port}${ssl}`,
    enable_dht: false,
    enable_lsd: false,
    enable_upnp: false,
    enable_natpmp: false,
    allow_multiple_connections_per_ip: true,
    enable_incoming_utp: utp,
    enable_outgoing_utp: utp,
    in_enc_policy: encryption,
    out_enc_policy: encryption,
    allowed_enc_level: options.encryption === "off" ? 3 : 2,
    upload_rate_limit: options.uploadBytesPerSecond ?? 0,
    download_rate_limit: options.downloadBytesPerSecond ?? 0,
    alert_mask: ALERT_MASK,
    ...options.settings,
  };
}
