// Transmission 3.00, by its RPC. It takes no peers by hand: it must be dialled, or find them by a tracker.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../deadline.ts";
import type { Host } from "../host.ts";
import { HttpDoor } from "../http.ts";
import type { Program } from "../program.ts";
import type { Client, ClientOptions, Encryption, Source, Transfer, TransferState } from "./client.ts";

const RPC_PORT = 9091;
const ENCRYPTION: Readonly<Record<Encryption, number>> = { off: 0, prefer: 1, require: 2 };
// Its own numbers: 1 and 2 are "waits to check" and "checks".
const STOPPED = 0;
const CHECKING = new Set([1, 2]);

type RpcTorrent = {
  readonly status: number;
  readonly leftUntilDone: number;
  readonly metadataPercentComplete: number;
  readonly haveValid: number;
  readonly uploadedEver: number;
  readonly peersConnected: number;
  readonly errorString: string;
};

export class Transmission implements Client {
  readonly title = "Transmission";
  readonly port: number;
  readonly program: Program;
  readonly #door: HttpDoor;
  #session = "";

  private constructor(port: number, program: Program, door: HttpDoor) {
    this.port = port;
    this.program = program;
    this.#door = door;
  }

  static async start(host: Host, options: ClientOptions): Promise<Transmission> {
    const port = options.port ?? 51413;
    writeFileSync(join(options.folder, "settings.json"), JSON.stringify(settings(port, options)));
    const program = host.start("transmission-daemon", ["--foreground", "--config-dir", options.folder]);
    const door = await HttpDoor.open(host, options.folder, RPC_PORT);
    await until("Transmission's RPC answers", () => door.answers("/transmission/rpc"));
    return new Transmission(port, program, door);
  }

  async add(source: Source, folder: string): Promise<Transfer> {
    const what =
      "file" in source ? { metainfo: readFileSync(source.file).toString("base64") } : { filename: source.magnet };
    const answer = await this.#rpc("torrent-add", { ...what, "download-dir": folder, paused: "file" in source });
    const added = answer["torrent-added"] as { id: number } | undefined;
    if (added === undefined) throw new Error(`Transmission did not add the torrent: ${JSON.stringify(answer)}`);
    const { id } = added;
    if ("file" in source) await this.#checkAndStart(id);
    return { state: () => this.#state(id), addPeer: undefined };
  }

  /** Bytes a second to all peers together; 0 lifts the limit. */
  async limitUpload(bytesPerSecond: number): Promise<void> {
    await this.#rpc("session-set", {
      "speed-limit-up-enabled": bytesPerSecond > 0,
      "speed-limit-up": Math.ceil(bytesPerSecond / 1000),
    });
  }

  [Symbol.dispose](): void {
    this.#door[Symbol.dispose]();
    this.program[Symbol.dispose]();
  }

  // Bytes that are there already are seen only by a check. A torrent that runs is stopped for it, and may stay so: it is
  // started until it has begun.
  async #checkAndStart(id: number): Promise<void> {
    await this.#rpc("torrent-verify", { ids: [id] });
    const hasBegun = async (): Promise<boolean> => {
      const { status } = await this.#torrent(id);
      if (status === STOPPED) await this.#rpc("torrent-start-now", { ids: [id] });
      return status !== STOPPED && !CHECKING.has(status);
    };
    await until("Transmission has checked and begun", hasBegun);
  }

  async #state(id: number): Promise<TransferState> {
    const torrent = await this.#torrent(id);
    return {
      complete: torrent.metadataPercentComplete === 1 && torrent.leftUntilDone === 0 && !CHECKING.has(torrent.status),
      doneBytes: torrent.haveValid,
      uploadedBytes: torrent.uploadedEver,
      peers: torrent.peersConnected,
      trouble: torrent.errorString === "" ? undefined : torrent.errorString,
    };
  }

  async #torrent(id: number): Promise<RpcTorrent> {
    const fields = ["status", "leftUntilDone", "metadataPercentComplete", "haveValid", "uploadedEver"];
    const answer = await this.#rpc("torrent-get", {
      ids: [id],
      fields: [...fields, "peersConnected", "errorString"],
    });
    const [torrent] = answer["torrents"] as RpcTorrent[];
    if (torrent === undefined) throw new Error("Transmission has lost the torrent");
    return torrent;
  }

  async #rpc(method: string, args: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const answer = await this.#door.call({
      method: "POST",
      path: "/transmission/rpc",
      headers: { "x-transmission-session-id": this.#session },
      body: JSON.stringify({ method, arguments: args }),
    });
    if (answer.status === 409) {
      // Its guard against cross-site calls: the first answer only hands out the id.
      this.#session = String(answer.headers["x-transmission-session-id"]);
      return this.#rpc(method, args);
    }
    const body = JSON.parse(answer.body.toString()) as { result: string; arguments: Record<string, unknown> };
    if (body.result !== "success") throw new Error(`Transmission: ${method}: ${body.result}`);
    return body.arguments;
  }
}

function settings(port: number, options: ClientOptions): Record<string, unknown> {
  const up = options.uploadBytesPerSecond;
  const down = options.downloadBytesPerSecond;
  return {
    "peer-port": port,
    "peer-port-random-on-start": false,
    "port-forwarding-enabled": false,
    "rpc-port": RPC_PORT,
    "rpc-bind-address": "127.0.0.1",
    "rpc-whitelist-enabled": false,
    "rpc-host-whitelist-enabled": false,
    "dht-enabled": false,
    "lpd-enabled": false,
    "pex-enabled": false,
    "utp-enabled": options.utp ?? false,
    encryption: ENCRYPTION[options.encryption ?? "off"],
    "speed-limit-up-enabled": up !== undefined,
    "speed-limit-up": Math.ceil((up ?? 0) / 1000),
    "speed-limit-down-enabled": down !== undefined,
    "speed-limit-down": Math.ceil((down ?? 0) / 1000),
    "incomplete-dir-enabled": false,
    "rename-partial-files": false,
    "ratio-limit-enabled": false,
    umask: 18,
  };
}
