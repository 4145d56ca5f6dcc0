// A closed torrent, and its seed and downloader: each ours or libtorrent's, each dialling or waiting to be dialled.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Authority, type Leaf } from "../lab/certificates.ts";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent, type LibtorrentOptions, type LibtorrentTransfer } from "../lab/clients/libtorrent.ts";
import { hashesOf, writeFiles } from "../lab/content.ts";
import { Lab } from "../lab/lab.ts";
import { startCommand } from "../lab/swarmgate.ts";

export const SSL_PORT = 7001;
export const PLAIN_PORT = 6881;
/** Of the torrent, which its certificates have to carry. */
export const NAME = "files";

/** The content, its authority and its torrent, the same for all tests here. */
export class Closed implements Disposable {
  readonly lab = Lab.create();
  readonly content = join(this.lab.folder, "content");
  readonly file = join(this.lab.folder, "closed.torrent");
  readonly authority: Authority;

  constructor() {
    writeFiles(this.content, { "files/one.bin": 700_001, "files/two.bin": 40_000 });
    const folder = join(this.lab.folder, "authority");
    mkdirSync(folder);
    this.authority = Authority.create(folder, "root");
  }

  async make(): Promise<void> {
    using maker = await Libtorrent.maker();
    const path = join(this.content, NAME);
    await maker.create({ path, output: this.file, format: "v1", rootCertificate: this.authority.rootPem });
  }

  [Symbol.dispose](): void {
    this.lab[Symbol.dispose]();
  }
}

type Transport = { readonly ours: readonly string[]; readonly theirs: Partial<LibtorrentOptions> };

const UTP_ONLY: Transport = {
  ours: ["--transport", "utp"],
  theirs: { utp: true, settings: { enable_incoming_tcp: false, enable_outgoing_tcp: false } },
};
const TCP_ONLY: Transport = { ours: [], theirs: {} };

export class Swarm implements Disposable {
  readonly lab = Lab.create();
  readonly seedHost = this.lab.host("seed");
  readonly getHost = this.lab.host("get");
  readonly closed: Closed;
  readonly transport: Transport;
  readonly #programs: Disposable[] = [];

  constructor(closed: Closed, transport: "tcp" | "utp" = "tcp") {
    this.closed = closed;
    this.transport = transport === "utp" ? UTP_ONLY : TCP_ONLY;
  }

  folder(name: string): string {
    const path = join(this.lab.folder, name);
    mkdirSync(path);
    return path;
  }

  own<T extends Disposable>(program: T): T {
    this.#programs.push(program);
    return program;
  }

  isWhole(folder: string): boolean {
    const got = hashesOf(folder);
    return Object.entries(hashesOf(this.closed.content)).every(([path, hash]) => got[path] === hash);
  }

  [Symbol.dispose](): void {
    for (const program of this.#programs) program[Symbol.dispose]();
    this.lab[Symbol.dispose]();
  }
}

function certificateArgs(leaf: Leaf | undefined): string[] {
  return leaf === undefined ? [] : ["--cert", leaf.certificate, "--key", leaf.key];
}

function dialArgs(remote: string | undefined): string[] {
  return remote === undefined ? [] : ["--peer", remote];
}

/** Our seed, which dials `remote`; without a certificate it refuses to start. */
export async function startOurSeed(swarm: Swarm, leaf: Leaf | undefined, remote?: string): Promise<void> {
  const { file, content } = swarm.closed;
  const args = ["engine", "seed", file, "--data", content, "--listen", `0.0.0.0:${SSL_PORT}`, "--json"];
  const more = [...certificateArgs(leaf), ...dialArgs(remote), ...swarm.transport.ours];
  const seed = swarm.own(startCommand(swarm.seedHost, swarm.folder("seed-data"), [...args, ...more]));
  if (leaf === undefined) assert.equal((await seed.end()).code, 2);
  else await seed.printed(/"listening"/);
}

export async function startTheirSeed(swarm: Swarm, leaf: Leaf | undefined): Promise<LibtorrentTransfer> {
  const options = { folder: swarm.folder("seeder"), port: PLAIN_PORT, sslPort: SSL_PORT, ...swarm.transport.theirs };
  const seeder = swarm.own(await Libtorrent.start(swarm.seedHost, options));
  const transfer = await seeder.add({ file: swarm.closed.file }, swarm.closed.content);
  if (leaf !== undefined) await transfer.certificate(leaf);
  await completed(seeder, transfer);
  return transfer;
}

type GetOptions = { readonly remote?: string; readonly listens: boolean };

/** Our downloader once it can be dialled, or has refused to start; `arrives` waits so long for everything. */
export async function startOurGet(swarm: Swarm, leaf: Leaf | undefined, { remote, listens }: GetOptions) {
  const out = swarm.folder("out");
  const more = [...certificateArgs(leaf), ...dialArgs(remote), ...(listens ? ["--listen", `0.0.0.0:${SSL_PORT}`] : [])];
  const args = ["engine", "get", swarm.closed.file, "--out", out, "--json", ...more, ...swarm.transport.ours];
  const get = swarm.own(startCommand(swarm.getHost, swarm.folder("get-data"), args));
  if (leaf === undefined) assert.equal((await get.end()).code, 2);
  else await get.printed(/"checked"/);
  return async (withinMs: number): Promise<boolean> => {
    await Promise.race([get.ended, new Promise((resolve) => setTimeout(resolve, withinMs))]);
    return get.hasEnded && swarm.isWhole(out);
  };
}

export async function startTheirGet(swarm: Swarm, leaf: Leaf | undefined, { remote, listens }: GetOptions) {
  const sslPort = listens ? { sslPort: SSL_PORT } : {};
  const options = { folder: swarm.folder("leecher"), port: PLAIN_PORT, ...sslPort, ...swarm.transport.theirs };
  const leecher = swarm.own(await Libtorrent.start(swarm.getHost, options));
  const out = swarm.folder("out");
  const transfer = await leecher.add({ file: swarm.closed.file }, out);
  if (leaf !== undefined) await transfer.certificate(leaf);
  const [host = "", port] = remote?.split(":") ?? [];
  if (remote !== undefined) await transfer.addPeer(host, Number(port));
  return async (withinMs: number): Promise<boolean> => {
    const complete = await completed(leecher, transfer, withinMs).then(
      () => true,
      () => false,
    );
    return complete && swarm.isWhole(out);
  };
}
