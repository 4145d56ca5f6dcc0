// One torrent as the contract promises it: puts its parts together and answers for them.

import { present } from "../../base/assert.ts";
import { toHex } from "../../base/bytes.ts";
import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type {
  PeerStatus,
  RateLimits,
  StorageMove,
  Torrent,
  TorrentEvent,
  TorrentOptions,
  TorrentStatus,
  WantedRange,
} from "../contract.ts";
import type { PeerSource, SwarmView } from "../discovery/source.ts";
import { type EngineCore, nowOf } from "../engine-core.ts";
import { TorrentLimits } from "../limits/torrent-limits.ts";
import type { Opened } from "../peer/opening.ts";
import type { PeerSession } from "../peer/session-host.ts";
import { Connections, type SwarmNames } from "./connections.ts";
import { Conversation } from "./conversation.ts";
import { Deadlines } from "./deadlines.ts";
import { DiscoverySet } from "./discovery-set.ts";
import { EventFeed } from "./event-feed.ts";
import { Lifecycle } from "./lifecycle.ts";
import { Resume } from "./resume.ts";
import { peerStatus, torrentStatus } from "./status.ts";
import { Swarm } from "./swarm.ts";
import { swarmView } from "./swarm-view.ts";

const CONNECTIONS_MAX = 100;

export type TorrentTaskOptions = {
  readonly core: EngineCore;
  readonly torrent: TorrentOptions;
  readonly peerId: Uint8Array;
  /** The metadata told a second name. */
  readonly renamed: (task: TorrentTask) => void;
  readonly closed: (task: TorrentTask) => void;
};

export class TorrentTask implements Torrent {
  readonly id: string;
  readonly infoHashV1: string | undefined;
  readonly infoHashV2: string | undefined;
  readonly names: SwarmNames;
  readonly connections: Connections;
  readonly swarm: Swarm;
  readonly #options: TorrentTaskOptions;
  readonly #core: EngineCore;
  readonly #limits: TorrentLimits;
  readonly #conversation: Conversation;
  readonly #resume: Resume | undefined;
  readonly #view: SwarmView;
  readonly #stopListeningForBans: () => void;
  readonly #discovery: DiscoverySet;
  readonly #feed = new EventFeed();
  readonly #deadlines = new Deadlines((piece) => this.#feed.emit({ type: "pieceLate", piece }));
  readonly #lifecycle: Lifecycle;

  constructor(options: TorrentTaskOptions) {
    const { core, torrent, peerId } = options;
    this.#options = options;
    this.#core = core;
    const { source } = torrent;
    const known = source.kind === "metainfo" ? source.metainfo : source.magnet;
    this.infoHashV1 = known.infoHashV1 && toHex(known.infoHashV1);
    this.infoHashV2 = known.infoHashV2 && toHex(known.infoHashV2);
    this.id = present(this.infoHashV1 ?? this.infoHashV2, "an info-hash");
    this.names = { v1: known.infoHashV1, v2: known.infoHashV2?.subarray(0, 20) };
    this.#limits = new TorrentLimits(core, torrent.limits, nowOf(core));
    this.#resume =
      torrent.resumeDir === undefined ? undefined : new Resume(core.world.disk, torrent.resumeDir, this.id);
    this.connections = new Connections({
      core,
      names: this.names,
      peerId,
      admission: torrent.admission,
      transports: torrent.transports,
      connectionsMax: torrent.connectionsMax ?? CONNECTIONS_MAX,
      opened: (opened, peerSource, direction) => this.swarm.adopt(opened, peerSource, direction),
      hasNode: () => this.#conversation.node.isOn,
      sessions: () => this.swarm.sessions.values(),
      unreachable: (remote) => this.#conversation.extensions.unreachable(remote),
    });
    this.#view = this.#viewOf(peerId);
    this.#discovery = new DiscoverySet(torrent.discovery ?? []);
    this.#conversation = this.#conversationOf(torrent);
    this.swarm = new Swarm({
      core,
      peerId,
      names: this.names,
      down: this.#limits.down,
      closedSwarm: torrent.closedSwarm ?? false,
      superSeed: isSuperSeed(torrent),
      conversation: this.#conversation,
      connected: (session) => this.#feed.emit({ type: "peerConnected", remote: session.stream.remote }),
      disconnected: (session, why) => this.#disconnected(session, why),
    });
    this.#lifecycle = new Lifecycle({
      core,
      torrent,
      limits: this.#limits,
      resume: this.#resume,
      connections: this.connections,
      swarm: this.swarm,
      conversation: this.#conversation,
      discovery: this.#discovery,
      view: this.#view,
      feed: this.#feed,
      known: (metainfo) => this.#learnNames(metainfo),
    });
    this.#stopListeningForBans = core.bans.onBan((host) => {
      this.connections.banned(host);
      this.swarm.bytesWasted += this.#lifecycle.transfer?.assembly.forgetHost(host) ?? 0;
      this.swarm.closeAll("banned", host);
    });
  }

  #learnNames({ infoHashV1, infoHashV2 }: Metainfo): void {
    this.names.v1 = infoHashV1;
    this.names.v2 = infoHashV2?.subarray(0, 20);
    this.#options.renamed(this);
  }

  #conversationOf(torrent: TorrentOptions): Conversation {
    return new Conversation({
      view: this.#view,
      hooks: torrent.extensions ?? [],
      closedSwarm: torrent.closedSwarm ?? false,
      hashTable: torrent.discovery?.find(({ hashTable }) => hashTable !== undefined)?.hashTable,
      nowMs: () => nowOf(this.#core),
      infoBytes: () => this.metainfo()?.infoBytes,
      // BEP 16: who super-seeds does not show itself as a seed; libtorrent leaves an upload-only peer that seems to have little.
      isUploadOnly: () => !isSuperSeed(torrent) && (this.#lifecycle.transfer?.isComplete ?? false),
      hashExchange: () => this.#lifecycle.transfer?.hashes,
      offerMetadata: (bytes) => this.#lifecycle.offered(bytes),
      saidOurAddress: (address, voter) => this.#core.ownAddress.said(address, voter),
      forged: (session, why) => this.#lifecycle.ban(session.stream.remote.host, why),
    });
  }

  #viewOf(peerId: Uint8Array): SwarmView {
    return swarmView({
      core: this.#core,
      torrent: this.#options.torrent,
      names: this.names,
      peerId,
      connections: this.connections,
      transfer: () => this.#lifecycle.transfer,
      bytes: () => ({ bytesDown: this.swarm.down.bytes, bytesUp: this.swarm.up.bytes }),
      isFinished: () => this.#lifecycle.isFinished,
    });
  }

  metainfo(): Metainfo | undefined {
    return this.#lifecycle.transfer?.content.metainfo;
  }

  #disconnected(session: PeerSession, why: string): void {
    const { remote } = session.stream;
    this.connections.ended(remote, why);
    this.#feed.emit({ type: "peerClosed", remote, why });
  }

  // What the engine calls.

  get isLimited(): boolean {
    return this.#limits.isSet;
  }

  accepted(opened: Opened): void {
    this.connections.accepted(opened);
  }

  // What the contract promises.

  status(): TorrentStatus {
    return torrentStatus({
      core: this.#core,
      torrent: this.#options.torrent,
      phase: this.#lifecycle.phase,
      transfer: this.#lifecycle.transfer,
      swarm: this.swarm,
      connections: this.connections,
      down: this.#limits.down,
      discovery: this.#discovery.status(),
    });
  }

  peers(): readonly PeerStatus[] {
    return Array.from(this.swarm.sessions.values(), peerStatus);
  }

  on(listener: (event: TorrentEvent) => void): () => void {
    return this.#feed.on(listener);
  }

  addPeer(remote: Endpoint, source: PeerSource = "given"): void {
    this.connections.found(remote, source);
    this.connections.dialDue();
  }

  setLimits(limits: RateLimits): void {
    this.#limits.set(limits);
  }

  forgetProgress(): void {
    this.#resume?.forget();
  }

  start(): void {
    this.#lifecycle.start();
  }

  tick(elapsedMs: number): void {
    this.#deadlines.tick(this.#lifecycle.transfer, nowOf(this.#core), elapsedMs);
    this.#lifecycle.tick(elapsedMs);
  }

  pause(): void {
    this.#lifecycle.pause();
  }

  resume(): void {
    this.#lifecycle.resume();
  }

  recheck(): void {
    this.#lifecycle.recheck();
  }

  moveStorage(move: StorageMove): Promise<Result<undefined, Failure>> {
    return this.#lifecycle.move(move);
  }

  want(ranges: readonly WantedRange[]): void {
    this.#deadlines.want(ranges, this.#lifecycle.transfer);
  }

  async close(): Promise<void> {
    this.#stopListeningForBans();
    await this.#lifecycle.close();
    this.#options.closed(this);
  }
}

function isSuperSeed({ superSeed, closedSwarm }: TorrentOptions): boolean {
  return superSeed ?? closedSwarm ?? false;
}
