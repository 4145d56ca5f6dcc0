// One machine of the lab: programs run in it, its link can be shaped, and its packets can be captured.

import { execFileSync } from "node:child_process";
import { Capture } from "./capture.ts";
import { Program, type ProgramOptions } from "./program.ts";

export type Shape = {
  readonly upMbit?: number;
  readonly downMbit?: number;
  /** What may wait in front of each limit; 50 ms, as in a home router, when left out. */
  readonly queueMs?: number;
};

type HostOptions = {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly switchPort: { readonly namespace: string; readonly name: string };
};

export class Host {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly #switchPort: HostOptions["switchPort"];

  constructor(options: HostOptions) {
    this.name = options.name;
    this.namespace = options.namespace;
    this.address = options.address;
    this.#switchPort = options.switchPort;
  }

  /** Starts a program in this machine's network; the file system is the common one. */
  start(program: string, args: readonly string[], options: ProgramOptions = {}): Program {
    return new Program("ip", ["netns", "exec", this.namespace, program, ...args], {
      ...options,
      title: `${this.name}: ${program}`,
    });
  }

  /** Runs a program to its end and gives what it printed; throws when it fails. */
  run(program: string, args: readonly string[]): string {
    return execFileSync("ip", ["netns", "exec", this.namespace, program, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Limits the link's rate, by a token bucket on each direction that is named. */
  shape(shape: Shape): void {
    const { namespace, name } = this.#switchPort;
    const queueMs = shape.queueMs ?? 50;
    if (shape.upMbit !== undefined) limit(this.namespace, "eth0", shape.upMbit, queueMs);
    if (shape.downMbit !== undefined) limit(namespace, name, shape.downMbit, queueMs);
  }

  /** Cuts the machine off, or joins it again. */
  link(state: "up" | "down"): void {
    const { namespace, name } = this.#switchPort;
    execFileSync("ip", ["-n", namespace, "link", "set", name, state]);
  }

  /** Captures on this machine's link what the tcpdump filter takes; recording has begun when this resolves. */
  capture(file: string, filter: string, snapBytes?: number): Promise<Capture> {
    return Capture.start(this, file, filter, snapBytes);
  }
}

function limit(namespace: string, device: string, mbit: number, queueMs: number): void {
  // A bucket of 64 KiB lets one GSO packet through whole.
  const args = ["-n", namespace, "qdisc", "replace", "dev", device, "root", "tbf"];
  execFileSync("tc", [...args, "rate", `${mbit}mbit`, "burst", "64kb", "latency", `${queueMs}ms`]);
}
