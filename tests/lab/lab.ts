// A small network on one machine: hosts in their own namespaces, joined by a bridge, gone when the test ends.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host } from "./host.ts";
import { addNamespace, ip, namespaceNames, removeNamespace } from "./namespace.ts";

const PREFIX = "sgl-";
let labsMade = 0;
const openLabs = new Set<Lab>();

// A test file that is stopped or crashes must not leave hosts behind.
process.once("exit", () => {
  for (const lab of openLabs) lab[Symbol.dispose]();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

export class Lab implements Disposable {
  readonly #name: string;
  readonly #hosts: Host[] = [];
  /** A folder for what clients write; it goes with the lab. */
  readonly folder: string;

  private constructor(name: string) {
    this.#name = name;
    this.folder = mkdtempSync(join(tmpdir(), "swarmgate-lab-"));
  }

  static create(): Lab {
    removeLeftovers();
    labsMade += 1;
    const lab = new Lab(`${PREFIX}${process.pid}-${labsMade}`);
    addNamespace(lab.#switch);
    ip(lab.#switch, "link add br0 type bridge", "link set br0 up");
    openLabs.add(lab);
    return lab;
  }

  get #switch(): string {
    return `${this.#name}-sw`;
  }

  /** A new folder in the lab's own; it goes with the lab too. */
  newFolder(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path);
    return path;
  }

  /** A new machine on the bridge, with the next address of 10.77.0.0/16. */
  host(name: string): Host {
    const number = this.#hosts.length + 1;
    const namespace = `${this.#name}-${number}`;
    const address = `10.77.${number >> 8}.${number & 255}`;
    addNamespace(namespace);
    ip(
      this.#switch,
      `link add port${number} type veth peer name eth0 netns ${namespace}`,
      `link set port${number} master br0`,
      `link set port${number} up`,
    );
    ip(
      namespace,
      `address add ${address}/16 broadcast 10.77.255.255 dev eth0`,
      "link set lo up",
      "link set eth0 up",
      `route add 224.0.0.0/4 dev eth0`,
    );
    const host = new Host({ name, namespace, address, switchPort: { namespace: this.#switch, name: `port${number}` } });
    this.#hosts.push(host);
    return host;
  }

  [Symbol.dispose](): void {
    openLabs.delete(this);
    for (const host of this.#hosts) removeNamespace(host.namespace);
    removeNamespace(this.#switch);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Hosts of a test process that was killed before it could clean up. */
function removeLeftovers(): void {
  for (const name of namespaceNames(PREFIX)) {
    const pid = Number(name.slice(PREFIX.length).split("-")[0]);
    if (!isRunning(pid)) removeNamespace(name);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
