// Where peers come from. Trackers, DHT, PEX and LSD implement this; the engine asks for more and takes what it is given.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { PeerStream } from "../transport/transport.ts";

export type PeerSource = "given" | "incoming" | "tracker" | "dht" | "pex" | "lsd" | "holepunch" | "webseed";

/** What a source may know of the torrent that it works for. */
export interface SwarmView {
  /** The 20-byte hashes to announce: v1, truncated v2, or both for a hybrid. */
  readonly infoHashes: readonly Uint8Array[];
  readonly peerId: Uint8Array;
  /** BEP 27: no DHT, no PEX, no LSD. Unknown (undefined) until a magnet's metadata has arrived. */
  isPrivate(): boolean | undefined;
  /** The port on which peers are accepted, or 0. */
  listenPort(): number;
  progress(): { readonly bytesLeft: number; readonly bytesDown: number; readonly bytesUp: number };
  /** How many more peers the torrent could use now; 0 when it is full or seeding. */
  peersWanted(): number;
  mayAnnounce(url: string): boolean;
  mayDial(remote: Endpoint): boolean;
  foundPeers(peers: readonly Endpoint[], source: PeerSource): void;
  /** Known at once for a .torrent, later for a magnet. */
  metainfo(): Metainfo | undefined;
  /** Takes a connection that the source made itself, as if it had been dialled. Closes it when there is no room. */
  adopt(stream: PeerStream, source: PeerSource): void;
}

export type DiscoveryStatus = {
  readonly source: PeerSource;
  /** The tracker's URL, or a name such as "DHT". */
  readonly name: string;
  readonly state: "idle" | "asking" | "working" | "failing" | "refused";
  /** What the other side said, made printable; for people. */
  readonly message?: string;
  readonly peersFound: number;
  readonly seeders?: number;
  readonly leechers?: number;
  /** How often it was fetched to the end, as a tracker counts it. */
  readonly downloads?: number;
};

export interface RunningDiscovery {
  /** The torrent has everything it wanted; when nothing is left, a tracker is told "completed". */
  finished(): void;
  status(): readonly DiscoveryStatus[];
  /** Says good-bye where the protocol has a word for it; resolves within a few seconds. */
  stop(): Promise<void>;
}

/** Our node of the hash table, as far as the PORT message (BEP 5) needs it. */
export interface HashTableLink {
  /** Where our node answers such a peer; 0 while it does not. */
  portFor(peer: Endpoint): number;
  /** A connected peer says that it runs a node there. */
  met(node: Endpoint): void;
}

export interface DiscoverySource {
  readonly source: PeerSource;
  readonly hashTable?: HashTableLink;
  start(swarm: SwarmView): RunningDiscovery;
}
