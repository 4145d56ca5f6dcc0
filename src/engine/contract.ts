// The engine as the node, the command and the tests use it. It knows BitTorrent and nothing of institutions:
// whatever an institution decides reaches it through `Admission`.

import type { Failure } from "../base/failure.ts";
import type { Result } from "../base/result.ts";
import type { Endpoint } from "../domain/address/endpoint.ts";
import type { Magnet } from "../domain/metainfo/magnet.ts";
import type { Metainfo } from "../domain/metainfo/metainfo.ts";
import type { Clock } from "../world/clock.ts";
import type { Disk } from "../world/disk.ts";
import type { Entropy } from "../world/entropy.ts";
import type { Net } from "../world/net.ts";
import type { Random } from "../world/random.ts";
import type { Threads } from "../world/threads.ts";
import type { DiscoverySource, DiscoveryStatus, PeerSource } from "./discovery/source.ts";
import type { ExtensionHook } from "./extension.ts";
import type { Transport, TransportName } from "./transport/transport.ts";
import type { SlowReason } from "./why.ts";

/** What the engine needs from outside; `createEngine(options, world)` in engine.ts. */
export type EngineWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly entropy: Entropy;
  readonly net: Net;
  readonly disk: Disk;
  /** Absent: hashing and the disk are done in the engine's own thread (simulations). */
  readonly threads?: Threads;
};

export interface Engine {
  /** Starts a torrent. Not one packet leaves before this call, nor for a torrent whose admission refuses it. */
  add(options: TorrentOptions): Result<Torrent, Failure>;
  torrents(): readonly Torrent[];
  /** Where peers are accepted; empty when `listen` was empty. */
  listening(): readonly Endpoint[];
  setLimits(limits: RateLimits): void;
  /** Stops all torrents, writes their resume records and releases every thread, file and socket. */
  close(): Promise<void>;
}

export type EngineOptions = {
  /**
   * One listener per entry serves all torrents. Port 0 picks a free one; `::` is every address of the machine, IPv4 and
   * IPv6 under one port, and of one family where it has one. Absent: nowhere.
   */
  readonly listen?: readonly Endpoint[];
  /** Tried in order when dialling; every one of them that can listen does. Default: plain TCP. */
  readonly transports?: readonly Transport[];
  readonly limits?: RateLimits;
  /** Over all torrents. Default 500. */
  readonly connectionsMax?: number;
  /** Memory for pieces that are being received or served, in bytes. Default 64 MiB. */
  readonly pieceMemoryBytesMax?: number;
  /** Threads that hash and touch the disk. Default: one less than the cores, 1 to 4. */
  readonly diskThreads?: number;
};

/** Bytes a second; absent means unlimited. */
export type RateLimits = { readonly down?: number; readonly up?: number };

export type TorrentSource =
  | { readonly kind: "metainfo"; readonly metainfo: Metainfo }
  | { readonly kind: "magnet"; readonly magnet: Magnet };

export type TorrentOptions = {
  readonly source: TorrentSource;
  readonly storage: StorageOptions;
  readonly admission?: Admission;
  /** Peers known beforehand (a magnet's x.pe, --peer). */
  readonly peers?: readonly Endpoint[];
  readonly discovery?: readonly DiscoverySource[];
  readonly extensions?: readonly ExtensionHook[];
  /** Transports of the engine that this torrent may use; default all. A closed swarm names only "tls" and "tls-utp". */
  readonly transports?: readonly TransportName[];
  /** Indices into the file list; default those that a magnet selects (BEP 53), or all. */
  readonly wantedFiles?: readonly number[];
  readonly order?: "rarest" | "sequential";
  readonly limits?: RateLimits;
  readonly connectionsMax?: number;
  /** Where the resume record lies; absent: progress is not kept. */
  readonly resumeDir?: string;
  /** Whether to go on serving when everything wanted is there. Default true. */
  readonly seedAfter?: boolean;
  /** Hash each piece again when it is read for a peer, so that rotten bytes are never served. Default true. */
  readonly verifyUploads?: boolean;
  /** Members of a closed swarm trust each other: completion of the whole swarm goes before tit for tat. */
  readonly closedSwarm?: boolean;
  /** BEP 16: as the only holder, give each piece away once before any twice. Default: as `closedSwarm`. */
  readonly superSeed?: boolean;
};

export type StorageOptions = {
  /** Nothing is written outside this folder, whatever the names say and whatever lies in it. */
  readonly rootDir: string;
  /** The path below rootDir for a file of the torrent; default its own path below the torrent's name. */
  readonly fileName?: (file: { readonly index: number; readonly path: readonly string[] }) => string;
  /** Permission bits of new files; executable bits are always taken off. Default 0o644. */
  readonly modeBits?: number;
};

/** Asked before each step that could tell somebody something. Absent: everything is allowed (the bare engine). */
export interface Admission {
  mayDial(remote: Endpoint): boolean;
  mayAccept(remote: Endpoint): boolean;
  mayAnnounce(url: string): boolean;
}

export interface Torrent {
  /** Lowercase hex of the v1 info-hash, or of the v2 one where there is no v1. */
  readonly id: string;
  readonly infoHashV1: string | undefined;
  readonly infoHashV2: string | undefined;
  status(): TorrentStatus;
  peers(): readonly PeerStatus[];
  /** Known at once for a .torrent, after the "metadata" event for a magnet. */
  metainfo(): Metainfo | undefined;
  /** Calls back for each event until the returned function is called. */
  on(listener: (event: TorrentEvent) => void): () => void;
  addPeer(remote: Endpoint, source?: PeerSource): void;
  pause(): void;
  resume(): void;
  setLimits(limits: RateLimits): void;
  /** Reads everything on disk again and forgets what does not verify. */
  recheck(): void;
  /**
   * Asks for these byte ranges first, the nearest deadline first (streaming), instead of those of the call before. Where the
   * peer that was asked is too slow, others are asked too. A piece that is not here in time is told by "pieceLate", and
   * still goes before those without a deadline. Before a magnet's metadata is known the ranges wait for it.
   */
  want(ranges: readonly WantedRange[]): void;
  /**
   * Moves the files to another folder, also of another file system. Peers are dropped meanwhile; afterwards the torrent goes
   * on as before. Until all is durable there the old place stays as it is, and it stays the torrent's when anything fails.
   * Failure codes: engine.move_refused, and those of the disk.
   */
  moveStorage(move: StorageMove): Promise<Result<undefined, Failure>>;
  /** Removes the resume record of a closed torrent. */
  forgetProgress(): void;
  /** Writes the resume record and lets go of the files; connections are dropped at once. */
  close(): Promise<void>;
}

export type StorageMove = {
  readonly rootDir: string;
  /** The old files are removed only after this has written down, durably, that the new place counts. */
  readonly moved: () => Result<undefined, Failure>;
};

export type WantedRange = {
  readonly fileIndex: number;
  readonly beginBytes: number;
  readonly lengthBytes: number;
  /** On the monotonic clock of the engine's world. */
  readonly deadlineMs: number;
};

export type TorrentState =
  | { readonly at: "metadata"; readonly slow: SlowReason | undefined }
  | { readonly at: "checking"; readonly piecesChecked: number; readonly piecesTotal: number }
  | { readonly at: "downloading"; readonly slow: SlowReason | undefined }
  | { readonly at: "seeding" }
  | { readonly at: "finished" }
  | { readonly at: "paused" }
  /** Something outside has to change (a full disk); `resume()` or, for a full disk, freed space goes on. */
  | { readonly at: "stopped"; readonly why: Failure }
  | { readonly at: "closed" };

export type TorrentStatus = {
  readonly state: TorrentState;
  readonly name: string;
  /** Verified bytes of wanted files, of wantedBytes. */
  readonly bytesDone: number;
  readonly bytesWanted: number;
  readonly bytesTotal: number;
  /** Payload over the wire since the start, duplicates and bad pieces included. */
  readonly bytesDown: number;
  readonly bytesUp: number;
  readonly bytesWasted: number;
  readonly rateDown: number;
  readonly rateUp: number;
  readonly peersConnected: number;
  readonly peersKnown: number;
  readonly piecesDone: number;
  readonly piecesTotal: number;
  /** One bit a piece, first piece in the highest bit; empty until the metadata is known. */
  readonly pieces: Uint8Array;
  /** Verified bytes of each file, in the order of the metainfo. */
  readonly fileBytesDone: readonly number[];
  readonly discovery: readonly DiscoveryStatus[];
  readonly bannedHosts: number;
};

export type PeerStatus = {
  readonly remote: Endpoint;
  readonly source: PeerSource;
  readonly direction: "dialled" | "accepted";
  readonly transport: TransportName;
  /** From the extension handshake or the peer id; printable, at most 60 characters. */
  readonly client: string;
  readonly rateDown: number;
  readonly rateUp: number;
  readonly bytesDown: number;
  readonly bytesUp: number;
  readonly piecesHeld: number;
  readonly isSeed: boolean;
  readonly weChoke: boolean;
  readonly chokesUs: boolean;
  readonly weWant: boolean;
  readonly wantsUs: boolean;
  readonly snubbed: boolean;
  readonly requestsOut: number;
};

export type TorrentEvent =
  | { readonly type: "metadata"; readonly metainfo: Metainfo }
  | { readonly type: "checked"; readonly piecesDone: number; readonly piecesTotal: number }
  | { readonly type: "pieceVerified"; readonly piece: number }
  | { readonly type: "pieceFailed"; readonly piece: number }
  /** Once for each deadline of `want` that passed. */
  | { readonly type: "pieceLate"; readonly piece: number }
  /** All pieces of the file are verified and on disk. */
  | { readonly type: "fileVerified"; readonly fileIndex: number }
  | { readonly type: "finished"; readonly bytesDone: number }
  | { readonly type: "peerConnected"; readonly remote: Endpoint }
  | { readonly type: "peerClosed"; readonly remote: Endpoint; readonly why: string }
  | { readonly type: "peerBanned"; readonly host: string; readonly why: string }
  | { readonly type: "stopped"; readonly why: Failure }
  | { readonly type: "resumed" }
  | { readonly type: "closed" };
