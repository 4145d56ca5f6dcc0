// Clients inside, a router with the gate, one host outside: three kinds of network namespaces, gone when the test ends.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";
import { Host } from "../lab/host.ts";
import { addNamespace, ip, namespaceNames, removeNamespace } from "../lab/namespace.ts";
import type { Program } from "../lab/program.ts";

const PREFIX = "sgg-";
const INSIDE = "10.1.0";
const OUTSIDE = "10.2.0";
const INSIDE6 = "fd00:1::";
const OUTSIDE6 = "fd00:2::";
const FORWARDING = ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"];
const SWARMGATE = join(repositoryRoot, "bin/swarmgate");
let yardsMade = 0;
const openYards = new Set<Yard>();

process.once("exit", () => {
  for (const yard of openYards) yard[Symbol.dispose]();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

export class Yard implements Disposable {
  readonly #name: string;
  readonly folder: string;
  readonly router: Host;
  readonly outside: Host;
  readonly #namespaces: string[] = [];
  #clients = 0;

  constructor() {
    removeLeftovers();
    yardsMade += 1;
    this.#name = `${PREFIX}${process.pid}-${yardsMade}`;
    this.folder = mkdtempSync(join(tmpdir(), "swarmgate-yard-"));
    openYards.add(this);
    const router = this.#namespace("r");
    ip(router, "link add inside type bridge", "link set inside up", `address add ${INSIDE}.254/24 dev inside`);
    ip(router, `address add ${INSIDE6}fe/64 dev inside nodad`);
    ip(router, "link set lo up");
    execFileSync("ip", ["netns", "exec", router, "sysctl", "-qw", ...FORWARDING]);
    this.router = new Host({ name: "router", namespace: router, address: `${INSIDE}.254`, switchPort: none(router) });
    const outside = this.#namespace("o");
    ip(router, `link add outside type veth peer name eth0 netns ${outside}`, "link set outside up");
    ip(router, `address add ${OUTSIDE}.254/24 dev outside`, `address add ${OUTSIDE6}fe/64 dev outside nodad`);
    ip(
      outside,
      `address add ${OUTSIDE}.1/24 dev eth0`,
      `address add ${OUTSIDE6}1/64 dev eth0 nodad`,
      "link set lo up",
      "link set eth0 up",
    );
    ip(outside, `route add default via ${OUTSIDE}.254`, `route add ::/0 via ${OUTSIDE6}fe`);
    this.outside = new Host({ name: "outside", namespace: outside, address: `${OUTSIDE}.1`, switchPort: none(router) });
  }

  /** A client with the next inside address, or with one that belongs to somebody else. */
  client(address?: string): Host {
    this.#clients += 1;
    const number = this.#clients;
    const namespace = this.#namespace(`c${number}`);
    const own = address ?? `${INSIDE}.${number}`;
    ip(
      this.router.namespace,
      `link add port${number} type veth peer name eth0 netns ${namespace}`,
      `link set port${number} master inside`,
      `link set port${number} up`,
    );
    ip(
      namespace,
      `address add ${own}/24 dev eth0`,
      `address add ${INSIDE6}${number}/64 dev eth0 nodad`,
      "link set lo up",
      "link set eth0 up",
    );
    ip(namespace, `route add default via ${INSIDE}.254`, `route add ::/0 via ${INSIDE6}fe`);
    return new Host({ name: `client${number}`, namespace, address: own, switchPort: none(this.router.namespace) });
  }

  /** Everybody has an IPv6 address too, with the same last number. */
  address6(host: Host): string {
    return `${host === this.outside ? OUTSIDE6 : INSIDE6}${host.address.split(".").at(-1) ?? ""}`;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  newFolder(name: string): string {
    const path = this.path(name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** The gate on the router, listening before this resolves. */
  async gate(...words: readonly string[]): Promise<Program> {
    const program = this.startGate(words);
    await program.printed(/"event":"running"/);
    return program;
  }

  startGate(words: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
    const own = ["gate", "run", "--interface", "inside", "--json", "--state", this.path("state")];
    return this.router.start(SWARMGATE, [...own, ...words], { env });
  }

  swarmgate(...words: readonly string[]): string {
    return this.router.run(SWARMGATE, words);
  }

  nft(...words: readonly string[]): string {
    return this.router.run("nft", words);
  }

  #namespace(suffix: string): string {
    const name = `${this.#name}-${suffix}`;
    addNamespace(name);
    this.#namespaces.push(name);
    return name;
  }

  [Symbol.dispose](): void {
    openYards.delete(this);
    for (const name of this.#namespaces) removeNamespace(name);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function none(namespace: string): { readonly namespace: string; readonly name: string } {
  return { namespace, name: "inside" };
}

function removeLeftovers(): void {
  for (const name of namespaceNames(PREFIX)) {
    const pid = Number(name.slice(PREFIX.length).split("-")[0]);
    try {
      process.kill(pid, 0);
    } catch {
      removeNamespace(name);
    }
  }
}
