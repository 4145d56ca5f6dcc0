// Makes and takes the connections of one torrent: whom to dial, whom to accept, the handshake, until a session begins.

import { bytesEqual } from "../../base/bytes.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { Handshake, HandshakeBit } from "../../wire/peer/handshake.ts";
import type { Admission } from "../contract.ts";
import type { PeerSource } from "../discovery/source.ts";
import { type EngineCore, nowOf } from "../engine-core.ts";
import { type Opened, open } from "../peer/opening.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { PeerStream, Transport, TransportName } from "../transport/transport.ts";
import { type KnownPeer, PeerPool } from "./peer-pool.ts";
import { PeerRanks } from "./peer-ranks.ts";

const DIALLING_MAX = 30;
const DIAL_MS = 10_000;

/** 20 bytes each; at least one is there. A magnet's metadata may tell the other one later. */
export type SwarmNames = { v1: Uint8Array | undefined; v2: Uint8Array | undefined };

export type ConnectionOptions = {
  readonly core: EngineCore;
  readonly names: SwarmNames;
  readonly peerId: Uint8Array;
  readonly admission: Admission | undefined;
  readonly transports: readonly TransportName[] | undefined;
  readonly connectionsMax: number;
  readonly opened: (opened: Opened, source: PeerSource, direction: "dialled" | "accepted") => void;
  /** Whether we run a node of the hash table for this torrent. */
  readonly hasNode: () => boolean;
  /** Peers that may have to make room for others (BEP 40). */
  readonly sessions: () => Iterable<PeerSession>;
  /** A peer could not be dialled by any transport. */
  readonly unreachable: (remote: Endpoint) => void;
};

export class Connections {
  readonly pool = new PeerPool(() => this.#ranks.now());
  /** Known peers that admission refuses. */
  refused = 0;
  readonly #options: ConnectionOptions;
  readonly #ranks: PeerRanks;
  readonly #abort = new AbortController();
  #dialling = 0;
  #open = 0;
  #stopped = true;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#ranks = new PeerRanks(options.core, options.transports);
  }

  get open(): number {
    return this.#open;
  }

  get dialling(): number {
    return this.#dialling;
  }

  start(): void {
    this.#stopped = false;
  }

  stop(): void {
    this.#stopped = true;
  }

  close(): void {
    this.#stopped = true;
    this.#abort.abort();
  }

  found(remote: Endpoint, source: PeerSource): void {
    if (this.#options.core.bans.has(remote.host)) return;
    if (this.#options.admission?.mayDial(remote) === false) this.refused++;
    else this.pool.add(remote, source);
  }

  /** How many more connections there may be now. */
  room(): number {
    const { core, connectionsMax } = this.#options;
    const inTorrent = connectionsMax - this.#open - this.#dialling;
    return Math.max(0, Math.min(inTorrent, core.connectionsMax - core.connections));
  }

  dialDue(): void {
    if (this.#stopped) return;
    const count = Math.min(this.room(), DIALLING_MAX - this.#dialling);
    if (count <= 0) return;
    for (const peer of this.pool.due(nowOf(this.#options.core), count)) void this.#dial(peer);
  }

  async #dial(peer: KnownPeer): Promise<void> {
    const { core, admission } = this.#options;
    // Asked again: a grant may have been narrowed since the peer was found.
    if (admission?.mayDial(peer.remote) === false || core.bans.has(peer.remote.host)) {
      this.pool.remove(peer.remote);
      return;
    }
    peer.at = "dialling";
    this.#count(1, "dialling");
    const why = await this.#tryTransports(peer);
    this.#count(-1, "dialling");
    if (why === undefined) return;
    this.pool.failed(peer, why, nowOf(core));
    if (!this.#stopped) this.#options.unreachable(peer.remote);
  }

  /** Undefined when a session began. */
  async #tryTransports(peer: KnownPeer): Promise<string | undefined> {
    let why = "no-transport";
    for (const transport of this.#transports()) {
      if (this.#stopped) return "stopped";
      const failed = await this.#dialBy(transport, peer);
      if (failed === undefined) return undefined;
      why = failed;
    }
    return why;
  }

  async #dialBy(transport: Transport, peer: KnownPeer): Promise<string | undefined> {
    const { core, names } = this.#options;
    const timeout = new AbortController();
    const timer = core.world.clock.after(DIAL_MS, () => timeout.abort());
    const infoHash = names.v1 ?? names.v2;
    if (infoHash === undefined) return "no-transport";
    const signal = AbortSignal.any([timeout.signal, this.#abort.signal]);
    const dialled = await transport.dial({ remote: peer.remote, infoHash, signal });
    timer.cancel();
    if (!dialled.ok) return String(dialled.error.data["why"] ?? dialled.error.code);
    if (this.#stopped) {
      dialled.value.close("stopped");
      return "stopped";
    }
    return new Promise((resolve) => {
      this.#shakeHands(dialled.value, infoHash, (end) => {
        if ("failed" in end) return resolve(end.failed);
        this.#begin(end.opened, peer.source, "dialled", peer);
        resolve(undefined);
      });
    });
  }

  /** A connection that somebody else made for us, such as a web seed's. */
  adopt(stream: PeerStream, source: PeerSource): void {
    const { core, names } = this.#options;
    const infoHash = names.v1 ?? names.v2;
    if (this.#stopped || this.room() === 0 || core.bans.has(stream.remote.host) || infoHash === undefined) {
      stream.close("no-room");
      return;
    }
    this.#shakeHands(stream, infoHash, (end) => {
      if ("opened" in end) this.#begin(end.opened, source, "dialled", undefined);
    });
  }

  #shakeHands(stream: PeerStream, infoHash: Uint8Array, done: Parameters<typeof open>[3]): void {
    const { core, names } = this.#options;
    const accepts = [names.v1, names.v2].filter((name) => name !== undefined);
    open(stream, { role: "dialler", ours: this.#handshake(infoHash), accepts }, core.world.clock, done);
  }

  /** Our answer to a peer that names one of our hashes; undefined: not now. */
  answer(infoHash: Uint8Array, remote: Endpoint, transport: TransportName, upgrade: boolean): Handshake | undefined {
    const { core, admission, names, transports } = this.#options;
    if (this.#stopped || core.bans.has(remote.host)) return undefined;
    if (this.room() === 0 && this.#weakest(remote) === undefined) return undefined;
    if (transports !== undefined && !transports.includes(transport)) return undefined;
    if (admission?.mayAccept(remote) === false) return undefined;
    // BEP 52: a peer that knows both halves of a hybrid is taken into the v2 swarm.
    const { v1, v2 } = names;
    const upgraded = upgrade && v1 !== undefined && bytesEqual(infoHash, v1) ? v2 : undefined;
    return this.#handshake(upgraded ?? infoHash);
  }

  accepted(opened: Opened): void {
    this.#begin(opened, "incoming", "accepted", undefined);
  }

  #begin(opened: Opened, source: PeerSource, direction: "dialled" | "accepted", peer: KnownPeer | undefined): void {
    if (peer !== undefined) peer.at = "connected";
    this.#count(1, "open");
    this.#options.opened(opened, source, direction);
    if (this.#open > this.#options.connectionsMax) this.#weakest(undefined)?.close("outranked");
  }

  /** Who goes when there are too many: with `newcomer`, only somebody who ranks below it. */
  #weakest(newcomer: Endpoint | undefined): PeerSession | undefined {
    return this.#ranks.lowest(this.#options.sessions(), newcomer);
  }

  /** A session ended. A peer that turned out to be ourselves, or banned, is not tried again. */
  ended(remote: Endpoint, why: string): void {
    this.#count(-1, "open");
    if (why === "self-connection" || this.#options.core.bans.has(remote.host)) this.pool.remove(remote);
    else this.pool.wentAway(remote, why, nowOf(this.#options.core));
  }

  /** A peer that banned itself by what it sent is forgotten under every port. */
  banned(host: string): void {
    this.pool.removeHost(host);
  }

  lastFailure(): string {
    for (const peer of this.pool.peers()) if (peer.lastFailure !== undefined) return peer.lastFailure;
    return "no answer";
  }

  isKnown(remote: Endpoint): boolean {
    return this.pool.get(remote) !== undefined;
  }

  #handshake(infoHash: Uint8Array): Handshake {
    const { names, peerId, hasNode } = this.#options;
    const bits = new Set<HandshakeBit>(["extended", "fast"]);
    if (hasNode()) bits.add("dht");
    if (names.v2 !== undefined) bits.add("v2Upgrade");
    return { bits, infoHash, peerId };
  }

  #transports(): readonly Transport[] {
    const { core, transports } = this.#options;
    return core.transports.filter((one) => transports === undefined || transports.includes(one.name));
  }

  #count(by: 1 | -1, what: "open" | "dialling"): void {
    if (what === "open") this.#open += by;
    else this.#dialling += by;
    this.#options.core.connections += by;
  }
}
