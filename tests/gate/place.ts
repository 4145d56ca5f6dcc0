// A client's own computer inside and a seeder for it alone outside: what a case of the enforcement tests is played with.

import assert from "node:assert/strict";
import { Aria2 } from "../lab/clients/aria2.ts";
import { type Client, type ClientOptions, completed, type Encryption, type Transfer } from "../lab/clients/client.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import type { Opentracker } from "../lab/clients/opentracker.ts";
import { Qbittorrent } from "../lab/clients/qbittorrent.ts";
import { Rtorrent } from "../lab/clients/rtorrent.ts";
import { Transmission } from "../lab/clients/transmission.ts";
import type { Host } from "../lab/host.ts";
import { type Seeding, startSeeder } from "./seeder.ts";
import type { Yard } from "./yard.ts";

type Starter = { readonly program: string; start(host: Host, options: ClientOptions): Promise<Client> };
export const CLIENTS: Readonly<Record<string, Starter>> = {
  Transmission: { program: "transmission-daemon", start: Transmission.start },
  aria2: { program: "aria2c", start: Aria2.start },
  qBittorrent: { program: "qbittorrent-nox", start: Qbittorrent.start },
  rtorrent: { program: "rtorrent", start: Rtorrent.start },
  libtorrent: { program: "python3-libtorrent", start: Libtorrent.start },
};
export type Case = {
  readonly client: string;
  readonly encryption: Encryption;
  readonly utp: boolean;
  readonly family?: 4 | 6;
};

/** A client that missed its first chance tries again after a minute or two. */
const COMPLETED_MS_MAX = 180_000;
/** Each client of a computer listens at the next: nobody dials one by what they remember of another. */
const FIRST_CLIENT_PORT = 6101;

export class Place implements Disposable {
  readonly case: Case;
  readonly host: Host;
  readonly device: string;
  readonly #yard: Yard;
  readonly #seeding: Seeding;
  #clients = 0;

  private constructor(yard: Yard, one: Case, host: Host, seeding: Seeding) {
    this.#yard = yard;
    this.case = one;
    this.host = host;
    this.device = host.name;
    this.#seeding = seeding;
  }

  static async open(yard: Yard, tracker: Opentracker, one: Case, port: number): Promise<Place> {
    const { encryption, utp, family = 4 } = one;
    const settings = family === 6 ? { listen_interfaces: `[::]:${port}` } : {};
    const trackers = family === 6 ? [] : [tracker.announceUrl];
    return new Place(yard, one, yard.client(), await startSeeder(yard, { port, encryption, utp, settings, trackers }));
  }

  get infoHash(): string {
    return this.#seeding.infoHash;
  }

  get addresses(): string[] {
    return [this.host.address, this.#yard.address6(this.host)];
  }

  get outside(): string {
    return this.case.family === 6 ? this.#yard.address6(this.#yard.outside) : this.#yard.outside.address;
  }

  /** A new client with the transfer begun; `forced`: over the case's transport and no other. */
  async begin(forced: boolean): Promise<{ client: Client; transfer: Transfer; beganMs: number }> {
    const { client: name, encryption, utp, family = 4 } = this.case;
    const starter = CLIENTS[name];
    assert.ok(starter !== undefined);
    const port = FIRST_CLIENT_PORT + this.#clients;
    this.#clients += 1;
    const settings = {
      ...(family === 6 ? { listen_interfaces: `[::]:${port}` } : {}),
      ...(forced && utp ? { enable_outgoing_tcp: false } : {}),
    };
    const options = { folder: this.#yard.newFolder(`${this.device}-${port}`), encryption, utp, port, settings };
    const client = await starter.start(this.host, options);
    const target = this.#yard.newFolder(`${this.device}-${port}-files`);
    const beganMs = performance.now();
    const transfer = await client.add({ file: this.#seeding.file }, target);
    // Others find the seeder by the tracker: rtorrent 0.9.8 has no command for it.
    if (name !== "rtorrent") await transfer.addPeer?.(this.outside, this.#seeding.port);
    return { client, transfer, beganMs };
  }

  /** How long a transfer takes that is the client's first. */
  async seconds(): Promise<number> {
    const { client, transfer, beganMs } = await this.begin(true);
    using _client = client;
    await completed(client, transfer, COMPLETED_MS_MAX);
    return (performance.now() - beganMs) / 1000;
  }

  seed(): Promise<Transfer> {
    return this.#seeding.begin();
  }

  [Symbol.dispose](): void {
    this.#seeding[Symbol.dispose]();
  }
}
