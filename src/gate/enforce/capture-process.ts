// The process that copies packets: tcpdump, which gives up its privileges once the interface is open, so that the code
// that reads strangers' bytes runs with none.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** Enough for every signature and for the sizes of longer segments. */
const SNAP_BYTES = 2048;
const KERNEL_BUFFER_KILOBYTES = 32_768;

export type CaptureEvents = {
  readonly onBytes: (bytes: Uint8Array) => void;
  readonly onListening: () => void;
  readonly onEnded: (said: string) => void;
};

export class CaptureProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #said = "";
  #isListening = false;

  /** `user`: whom tcpdump becomes. */
  constructor(interfaceName: string, user: string, events: CaptureEvents) {
    const words = ["-i", interfaceName, "-n", "-U", "--immediate-mode", "-Z", user, "-w", "-"];
    const sizes = ["-s", String(SNAP_BYTES), "-B", String(KERNEL_BUFFER_KILOBYTES)];
    this.#child = spawn("tcpdump", [...words, ...sizes, "ip or ip6 or vlan or pppoes or mpls"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout.on("data", (chunk: Buffer) => events.onBytes(chunk));
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-2000);
      if (this.#isListening || !this.#said.includes("listening on")) return;
      this.#isListening = true;
      events.onListening();
    });
    this.#child.on("error", (cause) => events.onEnded(cause.message));
    this.#child.on("close", () => events.onEnded(this.#said.trim().split("\n").at(-1) ?? ""));
  }

  stop(): void {
    this.#child.kill("SIGTERM");
  }
}
