// What really crossed a link: tcpdump, known to be recording before the test goes on.

import { execFileSync } from "node:child_process";
import type { Host } from "./host.ts";
import type { Program } from "./program.ts";

/** Headers, and the beginning of what they carry. */
const SNAP_BYTES = 200;
/** tcpdump's own two megabytes hold thirty packets of the largest size: a burst of a loaded machine is more. */
const BUFFER_KILOBYTES = 65_536;

export class Capture implements Disposable {
  readonly file: string;
  readonly #tcpdump: Program;

  private constructor(file: string, tcpdump: Program) {
    this.file = file;
    this.#tcpdump = tcpdump;
  }

  static async start(host: Host, file: string, filter: string, snapBytes = SNAP_BYTES): Promise<Capture> {
    // -Z root: else tcpdump becomes a user who may not write into the test's folder.
    const sizes = ["-s", String(snapBytes), "-B", String(BUFFER_KILOBYTES)];
    const args = ["-i", "eth0", "-n", "-U", "--immediate-mode", ...sizes, "-Z", "root", "-w", file];
    const tcpdump = host.start("tcpdump", filter === "" ? args : [...args, filter]);
    await tcpdump.printed(/listening on/);
    return new Capture(file, tcpdump);
  }

  /** The packets so far, one line each as tcpdump tells them with seconds since 1970; with a filter, those that match. */
  packets(filter = ""): string[] {
    const args = ["-r", this.file, "-nn", "-tt"];
    const told = execFileSync("tcpdump", filter === "" ? args : [...args, filter], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 1 << 28,
    });
    return told.split("\n").filter((line) => line !== "");
  }

  /** Ends the recording; everything that crossed the link before is in the file. */
  async stop(): Promise<void> {
    await this.#tcpdump.stop("SIGINT");
  }

  [Symbol.dispose](): void {
    this.#tcpdump[Symbol.dispose]();
  }
}
