// A real client, started once with one kind of connection, with which all cells of that kind are run side by side.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Authority, type Leaf } from "../lab/certificates.ts";
import type { Client, Source, Transfer } from "../lab/clients/client.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { writeFiles } from "../lab/content.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import type { Cell, Connection, Peer } from "./cell.ts";

const PIECE_BYTES = 32_768;
const SSL_PORT = 6882;
/** rtorrent without its DHT refuses a torrent that names no tracker. */
const NOBODY = "http://127.0.0.1:9/announce";
const FIRST_PORT = 7000;
/** Several files of odd sizes, some within one piece, and an empty one. */
const FILES = { "large.bin": 1_300_003, "deep/small.bin": 70_001, "deep/tiny.bin": 3, "empty.bin": 0 };

/** One torrent of its own for one cell: the client could not hold the same torrent twice. */
export type Ware = {
  readonly name: string;
  /** The folder that holds the torrent's folder. */
  readonly content: string;
  readonly target: string;
  readonly file: string;
  readonly source: Source;
  /** For our engine. */
  readonly port: number;
};

export class Booth implements Disposable {
  readonly client: Client;
  readonly clientHost: Host;
  readonly engineHost: Host;
  /** A member's certificate for both sides, over TLS only. */
  readonly leaf: Leaf | undefined;
  readonly #lab: Lab;
  readonly #authority: Authority | undefined;
  readonly #maker: Libtorrent;
  #wares = 0;
  #lastAdded: Promise<unknown> = Promise.resolve();

  private constructor(parts: { lab: Lab; client: Client; clientHost: Host; maker: Libtorrent; authority?: Authority }) {
    this.#lab = parts.lab;
    this.client = parts.client;
    this.clientHost = parts.clientHost;
    this.engineHost = parts.lab.host("engine");
    this.#maker = parts.maker;
    this.#authority = parts.authority;
    this.leaf = parts.authority?.issue({ name: "*" });
  }

  static async open(peer: Peer, connection: Connection): Promise<Booth> {
    const lab = Lab.create();
    const clientHost = lab.host("client");
    const folder = (name: string) => {
      mkdirSync(join(lab.folder, name));
      return join(lab.folder, name);
    };
    const maker = await Libtorrent.maker();
    const client = await peer.start(clientHost, {
      folder: folder("client"),
      encryption: connection === "MSE" || connection === "MSE over uTP" ? "require" : "off",
      utp: connection === "uTP" || connection === "MSE over uTP",
      ...(connection === "TLS" ? { sslPort: SSL_PORT } : {}),
    });
    const authority = connection === "TLS" ? { authority: Authority.create(folder("authority"), "root") } : {};
    return new Booth({ lab, client, clientHost, maker, ...authority });
  }

  /** The address at which the client takes peers. */
  get clientAddress(): string {
    return `${this.clientHost.address}:${this.leaf === undefined ? this.client.port : SSL_PORT}`;
  }

  /** Real files and a torrent of them, made by libtorrent. */
  async prepare(cell: Cell): Promise<Ware> {
    this.#wares += 1;
    const port = FIRST_PORT + this.#wares;
    const name = `ware-${this.#wares}`;
    const [content, target] = [join(this.#lab.folder, `${name}-content`), join(this.#lab.folder, `${name}-target`)];
    mkdirSync(target);
    writeFiles(content, Object.fromEntries(Object.entries(FILES).map(([path, bytes]) => [`${name}/${path}`, bytes])));
    const file = join(this.#lab.folder, `${name}.torrent`);
    const { magnet } = await this.#maker.create({
      path: join(content, name),
      output: file,
      format: cell.format,
      pieceBytes: PIECE_BYTES,
      trackers: [NOBODY],
      ...(this.#authority === undefined ? {} : { rootCertificate: this.#authority.rootPem }),
    });
    if (cell.role === "leech" && cell.format === "hybrid" && cell.peer.padsAreFiles === true) {
      writePads(join(content, name));
    }
    const source = cell.source === "magnet" ? { magnet: magnetFor(cell, magnet) } : { file };
    return { name, content, target, file, source, port };
  }

  /** One after the other: some clients tell a new torrent only by its being in the list now. */
  async add(source: Source, folder: string): Promise<Transfer> {
    const added = this.#lastAdded.then(() => this.client.add(source, folder));
    this.#lastAdded = added.catch(() => undefined);
    const transfer = await added;
    if (this.leaf !== undefined) await transfer.certificate?.(this.leaf);
    return transfer;
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
    this.#maker[Symbol.dispose]();
    this.#lab[Symbol.dispose]();
  }
}

/** A client that knows only v1 may refuse a magnet that names both halves of a hybrid, as rtorrent does. */
function magnetFor(cell: Cell, magnet: string): string {
  const readsV1Only = cell.role === "seed" && cell.peer.padsAreFiles === true;
  return readsV1Only ? magnet.replace(/&xt=urn:btmh:[0-9a-f]+/, "") : magnet;
}

/** The zeros between the files of a hybrid torrent, as libtorrent names them. */
function writePads(folder: string): void {
  for (const bytes of Object.values(FILES)) {
    const padBytes = (PIECE_BYTES - (bytes % PIECE_BYTES)) % PIECE_BYTES;
    if (padBytes === 0) continue;
    const path = join(folder, ".pad", String(padBytes));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.alloc(padBytes));
  }
}
