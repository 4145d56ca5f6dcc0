// opentracker: a tracker that is not ours. Debian's build answers only for the info-hashes of an allow list.

import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { until } from "../deadline.ts";
import type { Host } from "../host.ts";
import { HttpDoor } from "../http.ts";
import { Program } from "../program.ts";

const PORT = 6969;
const LOOPBACK = "127.0.0.1";
const PEER_ID = "-XX0000-whoeverasks.";

type Parts = {
  readonly program: Program;
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  /** What it answers to a path over HTTP; rejects while it does not listen. */
  readonly ask: (path: string) => Promise<string>;
  readonly door?: HttpDoor;
};

export class Opentracker implements Disposable {
  readonly announceUrl: string;
  readonly announceUrlUdp: string;
  readonly program: Program;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    const place = `${parts.address}:${parts.port}`;
    this.announceUrl = `http://${place}/announce`;
    this.announceUrlUdp = `udp://${place}/announce`;
    this.program = parts.program;
    this.#parts = parts;
  }

  /** A torrent made later has its hash in the list by `allow`. */
  static async start(host: Host, folder: string): Promise<Opentracker> {
    prepare(folder);
    const program = host.start("opentracker", argumentsOf(PORT, folder), { cwd: folder });
    const door = await HttpDoor.open(host, folder, PORT);
    const ask = async (path: string): Promise<string> => (await door.call({ path })).body.toString("latin1");
    return Opentracker.#answering({ program, folder, address: host.address, port: PORT, ask, door });
  }

  /** On this machine's own loopback, at a free port: for an engine that runs inside the test. */
  static async onLoopback(folder: string): Promise<Opentracker> {
    prepare(folder);
    const port = await freePort();
    const program = new Program("opentracker", ["-i", LOOPBACK, ...argumentsOf(port, folder)], { cwd: folder });
    const ask = async (path: string): Promise<string> => (await fetch(`http://${LOOPBACK}:${port}${path}`)).text();
    return Opentracker.#answering({ program, folder, address: LOOPBACK, port, ask });
  }

  static async #answering(parts: Parts): Promise<Opentracker> {
    const answers = (): Promise<boolean> =>
      parts.ask("/stats").then(
        () => true,
        () => false,
      );
    await until("opentracker answers", answers);
    return new Opentracker(parts);
  }

  /**
   * Hexadecimal 20-byte info-hashes; a v2 hash is cut to 20 bytes, as clients announce it. Resolves when the tracker goes by
   * them: a client whose first announce is refused may not announce again for as long as a test lasts.
   */
  async allow(infoHashes: readonly string[]): Promise<void> {
    const hashes = infoHashes.map((hash) => hash.slice(0, 40));
    writeFileSync(join(this.#parts.folder, "allowed"), `${hashes.join("\n")}\n`);
    this.program.kill("SIGHUP");
    for (const hash of hashes) await until("opentracker has read its list", () => this.#knows(hash));
  }

  // It lets anybody leave, and tells only who comes that it does not know the torrent.
  async #knows(hash: string): Promise<boolean> {
    const infoHash = hash.replaceAll(/../g, "%$&");
    const asker = `info_hash=${infoHash}&peer_id=${PEER_ID}&port=9&uploaded=0&downloaded=0&left=0&compact=1`;
    const answer = await this.#parts.ask(`/announce?${asker}&event=started`);
    await this.#parts.ask(`/announce?${asker}&event=stopped`);
    return !answer.includes("failure reason");
  }

  [Symbol.dispose](): void {
    this.#parts.door?.[Symbol.dispose]();
    this.program[Symbol.dispose]();
  }
}

/** It gives up root, and reads the list again on each change. */
function prepare(folder: string): void {
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, "allowed"), "");
}

function argumentsOf(port: number, folder: string): string[] {
  return ["-p", String(port), "-P", String(port), "-d", folder, "-w", "allowed"];
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, LOOPBACK, () => {
      const place = server.address();
      server.close(() => resolve(typeof place === "object" && place !== null ? place.port : 0));
    });
  });
}
