// The process that copies packets: tcpdump, which gives up its privileges once the interface is open, so that the code
// that reads strangers' bytes runs with none.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** Enough for every signature and for the sizes of longer segments. */
const SNAP_BYTES = 2048;
const KERNEL_BUFFER_KILOBYTES = 32_768;

export class CaptureProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #said = "";
  /** Whether it listens; false when it ended before. */
  readonly listening: Promise<boolean>;
  /** What it said last, once it has ended. */
  readonly ended: Promise<string>;

  /** `user`: whom tcpdump becomes. */
  constructor(interfaceName: string, user: string) {
    const words = ["-i", interfaceName, "-n", "-U", "--immediate-mode", "-Z", user, "-w", "-"];
    const sizes = ["-s", String(SNAP_BYTES), "-B", String(KERNEL_BUFFER_KILOBYTES)];
    this.#child = spawn("tcpdump", [...words, ...sizes, "ip or ip6 or vlan or pppoes or mpls"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.ended = new Promise((resolve) => {
      this.#child.on("error", (cause) => resolve(cause.message));
      // What it says ends when it does; what it captured may still wait to be read.
      this.#child.stderr.on("end", () => resolve(this.#said.trim().split("\n").at(-1) ?? ""));
    });
    this.listening = new Promise((resolve) => {
      this.#child.stderr.on("data", (chunk: Buffer) => {
        this.#said = (this.#said + chunk.toString()).slice(-2000);
        if (this.#said.includes("listening on")) resolve(true);
      });
      void this.ended.then(() => resolve(false));
    });
  }

  /** Until then what is captured waits in the kernel's buffer. */
  read(onBytes: (bytes: Uint8Array) => void): void {
    this.#child.stdout.on("data", onBytes);
  }

  stop(): void {
    this.#child.kill("SIGTERM");
  }
}
