// rtorrent 0.9.8 as a daemon, by XML-RPC over SCGI on a Unix socket.

import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { until, withDeadline } from "../deadline.ts";
import type { Host } from "../host.ts";
import type { Program } from "../program.ts";
import type { Client, ClientOptions, Encryption, Source, Transfer, TransferState } from "./client.ts";

const ENCRYPTION: Readonly<Record<Encryption, string>> = {
  off: "none",
  prefer: "allow_incoming,try_outgoing,enable_retry",
  require: "allow_incoming,try_outgoing,require,require_RC4",
};
const ANSWER_MS_MAX = 20_000;

export class Rtorrent implements Client {
  readonly title = "rtorrent";
  readonly port: number;
  readonly program: Program;
  readonly #socketPath: string;

  private constructor(port: number, program: Program, socketPath: string) {
    this.port = port;
    this.program = program;
    this.#socketPath = socketPath;
  }

  static async start(host: Host, options: ClientOptions): Promise<Rtorrent> {
    const port = options.port ?? 6881;
    const socketPath = join(options.folder, "scgi");
    const config = join(options.folder, "rtorrent.rc");
    writeFileSync(config, settings(port, socketPath, options));
    const program = host.start("rtorrent", ["-n", "-o", `import=${config}`], {
      cwd: options.folder,
      env: { HOME: options.folder, TERM: "dumb" },
    });
    const client = new Rtorrent(port, program, socketPath);
    await until("rtorrent's socket answers", async () => {
      try {
        return (await client.#rpc("system.client_version", [])) !== "";
      } catch (thrown) {
        if (program.hasEnded) throw new Error(program.tail(), { cause: thrown });
        return false;
      }
    });
    return client;
  }

  async add(source: Source, folder: string): Promise<Transfer> {
    const place = `d.directory_base.set="${folder}"`;
    const known = await this.#hashes();
    if ("file" in source) {
      await this.#rpc("load.raw_start", ["", readFileSync(source.file), `d.directory.set="${folder}"`]);
    } else {
      await this.#rpc("load.start", ["", source.magnet, `d.directory.set="${folder}"`]);
    }
    const hash = await until(`rtorrent lists the torrent (${place})`, async () =>
      (await this.#hashes()).find((one) => !known.includes(one)),
    );
    const addPeer = async (address: string, port: number): Promise<void> => {
      await this.#rpc("add_peer", [hash, `${address}:${port}`]);
    };
    // When a magnet's metadata has come, rtorrent begins anew and forgets the peers that it was given.
    return { state: () => this.#state(hash), addPeer: "magnet" in source ? undefined : addPeer };
  }

  [Symbol.dispose](): void {
    this.program[Symbol.dispose]();
  }

  async #state(hash: string): Promise<TransferState> {
    try {
      return await this.#stateOf(hash);
    } catch (thrown) {
      // Between a magnet's metadata and its content rtorrent does not know the torrent for a moment.
      if (!String(thrown).includes("Could not find info-hash")) throw thrown;
      return { complete: false, doneBytes: 0, uploadedBytes: 0, peers: 0, trouble: "rtorrent is loading the metadata" };
    }
  }

  async #stateOf(hash: string): Promise<TransferState> {
    const ask = async (command: string): Promise<string> => this.#rpc(command, [hash]);
    const message = await ask("d.message");
    return {
      complete:
        (await ask("d.complete")) === "1" && (await ask("d.is_meta")) === "0" && (await ask("d.hashing")) === "0",
      doneBytes: Number(await ask("d.completed_bytes")),
      uploadedBytes: Number(await ask("d.up.total")),
      peers: Number(await ask("d.peers_connected")),
      trouble: message === "" ? undefined : message,
    };
  }

  async #hashes(): Promise<string[]> {
    const answer = await this.#call("download_list", []);
    return [...answer.matchAll(/<string>([0-9A-F]{40})<\/string>/g)].map((match) => match[1] ?? "");
  }

  /** The one value of the answer as text. */
  async #rpc(method: string, params: readonly (string | Buffer)[]): Promise<string> {
    const answer = await this.#call(method, params);
    return /<value><(?:string|i4|i8|int)>([^<]*)</.exec(answer)?.[1] ?? "";
  }

  async #call(method: string, params: readonly (string | Buffer)[]): Promise<string> {
    const values = params.map((param) => `<param><value>${valueXml(param)}</value></param>`).join("");
    const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values}</params></methodCall>`;
    const answer = await withDeadline(this.#scgi(body), ANSWER_MS_MAX, () => `no answer to ${method}`);
    if (answer.includes("<fault>")) throw new Error(`rtorrent: ${method}: ${answer}`);
    return answer;
  }

  #scgi(body: string): Promise<string> {
    const headers = `CONTENT_LENGTH\0${Buffer.byteLength(body)}\0SCGI\u00001\0`;
    return new Promise((resolve, reject) => {
      const socket = connect(this.#socketPath);
      let answer = "";
      socket.on("error", reject);
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
      socket.on("end", () => resolve(answer));
      socket.write(`${headers.length}:${headers},${body}`);
    });
  }
}

function valueXml(param: string | Buffer): string {
  if (typeof param !== "string") return `<base64>${param.toString("base64")}</base64>`;
  return `<string>${param.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</string>`;
}

function settings(port: number, socketPath: string, options: ClientOptions): string {
  const kib = (bytes: number | undefined): number => Math.ceil((bytes ?? 0) / 1024);
  return `system.daemon.set = true
network.scgi.open_local = ${socketPath}
session.path.set = ${options.folder}
network.port_range.set = ${port}-${port}
network.port_random.set = no
dht.mode.set = disable
protocol.pex.set = no
trackers.use_udp.set = yes
protocol.encryption.set = ${ENCRYPTION[options.encryption ?? "off"]}
throttle.global_up.max_rate.set_kb = ${kib(options.uploadBytesPerSecond)}
throttle.global_down.max_rate.set_kb = ${kib(options.downloadBytesPerSecond)}
network.xmlrpc.size_limit.set = 16M
pieces.hash.on_completion.set = no
`;
}
