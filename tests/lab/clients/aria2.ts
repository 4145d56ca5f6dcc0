// aria2 1.36, by its JSON-RPC. It takes no peers by hand: it must be dialled, or find them by a tracker.

import { readFileSync } from "node:fs";
import { until } from "../deadline.ts";
import type { Host } from "../host.ts";
import { HttpDoor } from "../http.ts";
import type { Program } from "../program.ts";
import type { Client, ClientOptions, Encryption, Source, Transfer, TransferState } from "./client.ts";

const RPC_PORT = 6800;
const ENCRYPTION: Readonly<Record<Encryption, readonly string[]>> = {
  off: ["--bt-require-crypto=false", "--bt-min-crypto-level=plain"],
  prefer: ["--bt-require-crypto=false", "--bt-min-crypto-level=arc4"],
  require: ["--bt-require-crypto=true", "--bt-min-crypto-level=arc4"],
};

type RpcStatus = {
  readonly status: string;
  readonly totalLength: string;
  readonly completedLength: string;
  readonly uploadLength: string;
  readonly connections: string;
  readonly errorMessage?: string;
  readonly followedBy?: readonly string[];
};

export class Aria2 implements Client {
  readonly title = "aria2";
  readonly port: number;
  readonly program: Program;
  readonly #door: HttpDoor;

  private constructor(port: number, program: Program, door: HttpDoor) {
    this.port = port;
    this.program = program;
    this.#door = door;
  }

  static async start(host: Host, options: ClientOptions): Promise<Aria2> {
    const port = options.port ?? 6881;
    const program = host.start("aria2c", [
      "--no-conf",
      "--enable-rpc",
      `--rpc-listen-port=${RPC_PORT}`,
      `--listen-port=${port}`,
      "--max-concurrent-downloads=100",
      "--enable-dht=false",
      "--enable-dht6=false",
      "--bt-enable-lpd=false",
      "--enable-peer-exchange=false",
      "--check-integrity=true",
      "--seed-ratio=0",
      "--bt-tracker-interval=1",
      "--file-allocation=none",
      "--disable-ipv6",
      `--max-overall-upload-limit=${options.uploadBytesPerSecond ?? 0}`,
      `--max-overall-download-limit=${options.downloadBytesPerSecond ?? 0}`,
      ...ENCRYPTION[options.encryption ?? "off"],
    ]);
    const door = await HttpDoor.open(host, options.folder, RPC_PORT);
    await until("aria2's RPC answers", () => door.answers("/"));
    return new Aria2(port, program, door);
  }

  async add(source: Source, folder: string): Promise<Transfer> {
    const options = { dir: folder };
    const gid =
      "file" in source
        ? await this.#rpc("aria2.addTorrent", [readFileSync(source.file).toString("base64"), [], options])
        : await this.#rpc("aria2.addUri", [[source.magnet], options]);
    return { state: () => this.#state(String(gid)), addPeer: undefined };
  }

  [Symbol.dispose](): void {
    this.#door[Symbol.dispose]();
    this.program[Symbol.dispose]();
  }

  async #state(gid: string): Promise<TransferState> {
    const status = (await this.#rpc("aria2.tellStatus", [gid])) as RpcStatus;
    // A magnet's metadata is a download of its own, which the content follows.
    const next = status.followedBy?.[0];
    if (next !== undefined) return this.#state(next);
    const isMetadata = status.totalLength === "0" || (await this.#isMetadata(gid));
    return {
      complete: !isMetadata && status.completedLength === status.totalLength,
      doneBytes: Number(status.completedLength),
      uploadedBytes: Number(status.uploadLength),
      peers: Number(status.connections),
      trouble: status.errorMessage,
    };
  }

  async #isMetadata(gid: string): Promise<boolean> {
    const files = (await this.#rpc("aria2.getFiles", [gid])) as { path: string }[];
    return files.some((file) => file.path.startsWith("[METADATA]"));
  }

  async #rpc(method: string, params: readonly unknown[]): Promise<unknown> {
    const answer = await this.#door.call({
      method: "POST",
      path: "/jsonrpc",
      body: JSON.stringify({ jsonrpc: "2.0", id: "1", method, params }),
    });
    const body = JSON.parse(answer.body.toString()) as { result?: unknown; error?: { message: string } };
    if (body.error !== undefined) throw new Error(`aria2: ${method}: ${body.error.message}`);
    return body.result;
  }
}
