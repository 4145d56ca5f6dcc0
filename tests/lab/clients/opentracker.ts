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

export class Opentracker implements Disposable {
  readonly announceUrl: string;
  readonly announceUrlUdp: string;
  readonly program: Program;

  private constructor(host: Pick<Host, "address">, program: Program, port = PORT) {
    this.announceUrl = `http://${host.address}:${port}/announce`;
    this.announceUrlUdp = `udp://${host.address}:${port}/announce`;
    this.program = program;
  }

  /** A torrent made later has its hash in the list by `allow`. */
  static async start(host: Host, folder: string): Promise<Opentracker> {
    // It gives up root and reads the list again on each change.
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "allowed"), "");
    const program = host.start("opentracker", ["-p", String(PORT), "-P", String(PORT), "-d", folder, "-w", "allowed"], {
      cwd: folder,
    });
    using door = await HttpDoor.open(host, folder, PORT);
    await until("opentracker answers", () => door.answers("/stats"));
    const tracker = new Opentracker(host, program);
    tracker.#folder = folder;
    return tracker;
  }

  /** On this machine's own loopback, at a free port: for an engine that runs inside the test. */
  static async onLoopback(folder: string): Promise<Opentracker> {
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "allowed"), "");
    const port = await freePort();
    const at = ["-i", LOOPBACK, "-p", String(port), "-P", String(port)];
    const program = new Program("opentracker", [...at, "-d", folder, "-w", "allowed"], { cwd: folder });
    const tracker = new Opentracker({ address: LOOPBACK }, program, port);
    await until("opentracker answers", () =>
      fetch(`http://${LOOPBACK}:${port}/stats`).then(
        () => true,
        () => false,
      ),
    );
    tracker.#folder = folder;
    return tracker;
  }

  #folder = "";

  /** Hexadecimal 20-byte info-hashes; a v2 hash is cut to 20 bytes, as clients announce it. */
  allow(infoHashes: readonly string[]): void {
    writeFileSync(join(this.#folder, "allowed"), `${infoHashes.map((hash) => hash.slice(0, 40)).join("\n")}\n`);
    this.program.kill("SIGHUP");
  }

  [Symbol.dispose](): void {
    this.program[Symbol.dispose]();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, LOOPBACK, () => {
      const place = server.address();
      server.close(() => resolve(typeof place === "object" && place !== null ? place.port : 0));
    });
  });
}
