// Our node of the distributed hash table, shared by all torrents. It opens its sockets when the first torrent may use it,
// and not one packet leaves before that.

import { bytesEqual } from "../../base/bytes.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../../domain/address/endpoint.ts";
import { decode } from "../../wire/bencode/decode.ts";
import { encode } from "../../wire/bencode/encode.ts";
import { BencodeDict } from "../../wire/bencode/value.ts";
import { familyOfHost } from "../../wire/compact/address.ts";
import { readContacts, writeContacts } from "../../wire/dht/krpc.ts";
import { NODE_ID_BYTES } from "../../wire/dht/node-id.ts";
import type { Timer } from "../../world/clock.ts";
import type { Disk } from "../../world/disk.ts";
import type { Names } from "../../world/names.ts";
import type { HashTableLink } from "../discovery/source.ts";
import { AnnounceTokens } from "./announce-tokens.ts";
import { DhtHalf, type HalfWorld } from "./half.ts";
import { ItemStore } from "./item-store.ts";
import { PeerStore } from "./peer-store.ts";

export type DhtOptions = {
  /** UDP places to bind, one of each family at most. */
  readonly at: readonly Endpoint[];
  /** Where to begin: `host:port`, names allowed. */
  readonly bootstrap: readonly string[];
  readonly readOnly?: boolean;
  /** The file that keeps id and nodes from one run to the next. */
  readonly statePath?: string;
};

export type DhtWorld = HalfWorld & { readonly names: Names; readonly disk: Disk };

const MAINTAIN_MS = 60_000;
/** BEP 5: a part of the table that nothing came into for so long is refreshed. */
const REFRESH_MS = 15 * 60_000;
const STATE_BYTES_MAX = 256 * 1024;
const NODES_ENOUGH = 8;
const MEETING_MAX = 20;

export class DhtNode implements HashTableLink {
  readonly #options: DhtOptions;
  readonly #world: DhtWorld;
  #ending = new AbortController();
  #halves: DhtHalf[] = [];
  readonly peers = new PeerStore();
  readonly items = new ItemStore();
  /** Nodes of peers that are being asked whether they are there. */
  readonly #meeting = new Set<string>();
  #opening: Promise<void> | undefined;
  #users = 0;
  #timer: Timer | undefined;
  #refreshedMs = 0;

  constructor(options: DhtOptions, world: DhtWorld) {
    this.#options = options;
    this.#world = world;
  }

  /** Nodes in the tables. */
  get size(): number {
    return this.#halves.reduce((sum, half) => sum + half.table.size, 0);
  }

  /** A read-only node answers nobody (BEP 43). */
  portFor({ host }: Endpoint): number {
    return this.#options.readOnly === true ? 0 : (this.#halfFor(host)?.port ?? 0);
  }

  met(node: Endpoint): void {
    const half = this.#halfFor(node.host);
    const key = formatEndpoint(node);
    if (half === undefined || this.#meeting.size >= MEETING_MAX || this.#meeting.has(key)) return;
    this.#meeting.add(key);
    void half.ping(node).finally(() => this.#meeting.delete(key));
  }

  #halfFor(host: string): DhtHalf | undefined {
    return this.#halves.find(({ family }) => host.includes(":") === (family === 6));
  }

  /** Opens the sockets and finds the first nodes; later calls wait for the same. */
  open(): Promise<void> {
    this.#opening ??= this.#open(this.#ending.signal);
    return this.#opening;
  }

  /** A torrent uses the node until it calls `leave`; when the last one has left, the node is silent again. */
  join(): void {
    this.#users++;
  }

  leave(): void {
    if (--this.#users === 0) this.close();
  }

  /** Nobody is waited for who has not answered yet: whoever interrupts a program wants it to end. */
  close(): void {
    this.#ending.abort();
    this.#timer?.cancel();
    this.#save();
    for (const half of this.#halves) half.close();
    this.#halves = [];
    this.#opening = undefined;
    this.#ending = new AbortController();
  }

  /** Looks for peers and, with a port, leaves word that we are one. `found` is called as they come. */
  async announce(
    infoHash: Uint8Array,
    port: number,
    found: (peers: readonly Endpoint[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const either = AbortSignal.any([signal, this.#ending.signal]);
    await this.open();
    if (either.aborted) return;
    await Promise.all(
      this.#halves.map(async (half) => {
        if (half.table.size === 0) await this.#bootstrap(half);
        const lookup = await half.walk(infoHash, "get_peers", found, either);
        if (port === 0 || either.aborted) return;
        const keepers = lookup.keepers();
        await Promise.all(
          keepers.map(({ contact, token }) => half.announce(contact.endpoint, { infoHash, token, port })),
        );
      }),
    );
  }

  async #open(signal: AbortSignal): Promise<void> {
    const tokens = new AnnounceTokens(this.#world.entropy, this.#world.clock.monotonicMs());
    const state = this.#load();
    for (const at of this.#options.at) {
      const family = familyOfHost(at.host);
      const half = new DhtHalf(
        {
          family,
          at,
          id: state?.bytes(`id${family}`),
          readOnly: this.#options.readOnly ?? false,
          tokens,
          peers: this.peers,
          items: this.items,
          nearestOfOther: (target) => this.#halves.find((one) => one.family !== family)?.table.nearest(target) ?? [],
        },
        this.#world,
      );
      const opened = await half.open();
      // A machine without IPv6 has a node of one family only.
      if (!opened.ok) continue;
      if (signal.aborted) return half.close();
      this.#halves.push(half);
      const known = readContacts(state?.bytes(`nodes${family}`), family) ?? [];
      await Promise.all(known.slice(0, 30).map(({ endpoint }) => half.ping(endpoint)));
      await this.#bootstrap(half);
      if (signal.aborted) return;
    }
    this.#refreshedMs = this.#world.clock.monotonicMs();
    this.#timer = this.#world.clock.every(MAINTAIN_MS, () => void this.#maintain());
  }

  /** From the nodes that are configured to those near our own id. */
  async #bootstrap(half: DhtHalf): Promise<void> {
    if (half.table.size < NODES_ENOUGH) {
      const places = await Promise.all(this.#options.bootstrap.map((text) => this.#resolve(text)));
      const mine = places.flat().filter((place) => place.host.includes(":") === (half.family === 6));
      await Promise.all(mine.map((place) => half.ping(place)));
    }
    if (half.table.size > 0) await half.walk(half.id, "find_node", () => undefined, this.#ending.signal);
  }

  async #resolve(text: string): Promise<Endpoint[]> {
    const literal = parseEndpoint(text);
    if (literal) return [literal];
    const [, host, digits] = /^([a-z0-9.-]+):(\d{1,5})$/i.exec(text) ?? [];
    if (host === undefined) return [];
    const addresses = await this.#world.names.resolve(host);
    return addresses.map((address) => ({ host: address, port: Number(digits) }));
  }

  /** Asks the node that was silent longest, and walks now and then, so that the tables stay full and fresh. */
  async #maintain(): Promise<void> {
    const { signal } = this.#ending;
    const nowMs = this.#world.clock.monotonicMs();
    const isDue = nowMs - this.#refreshedMs >= REFRESH_MS;
    if (isDue) this.#refreshedMs = nowMs;
    for (const half of this.#halves) {
      const silent = half.table.questionable(nowMs);
      if (silent && !(await half.ping(silent.endpoint))) half.table.missed(silent);
      if (half.table.size < NODES_ENOUGH) await this.#bootstrap(half);
      else if (isDue) await this.#refresh(half, signal);
    }
  }

  /** To those near our own id, which look for us there, and to a random place for the rest of the table. */
  async #refresh(half: DhtHalf, signal: AbortSignal): Promise<void> {
    for (const target of [half.id, this.#world.entropy.bytes(NODE_ID_BYTES)]) {
      await half.walk(target, "find_node", () => undefined, signal);
    }
  }

  #load(): BencodeDict | undefined {
    const { statePath } = this.#options;
    const bytes = statePath === undefined ? undefined : this.#world.disk.readWhole(statePath, STATE_BYTES_MAX);
    const decoded = bytes?.ok ? decode(bytes.value) : undefined;
    if (!decoded?.ok || !(decoded.value instanceof BencodeDict)) return undefined;
    const ids = [4, 6].map((family) => decoded.value instanceof BencodeDict && decoded.value.bytes(`id${family}`));
    return ids.every((id) => !id || (id.length === NODE_ID_BYTES && !bytesEqual(id, new Uint8Array(20))))
      ? decoded.value
      : undefined;
  }

  #save(): void {
    const { statePath } = this.#options;
    // Who ends before anybody has answered keeps what an earlier run knew.
    if (statePath === undefined || this.size === 0) return;
    const fields = this.#halves.flatMap((half) => [
      [`id${half.family}`, half.id] as const,
      [`nodes${half.family}`, writeContacts(half.table.contacts(), half.family)] as const,
    ]);
    // A lost table is only a slower start: a failure to write it is not worth telling.
    this.#world.disk.replace(statePath, encode(Object.fromEntries(fields)));
  }
}
