// What a client tells a tracker and what it is told, whatever the protocol between them.

import type { Endpoint } from "../../domain/address/endpoint.ts";

export type AnnounceEvent = "none" | "started" | "completed" | "stopped";

export type AnnounceRequest = {
  /** 20 bytes: v1, or v2 truncated. */
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  readonly port: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly bytesLeft: number;
  readonly event: AnnounceEvent;
  readonly peersWanted: number;
  /** The same for a session: lets a tracker know a client whose address changed. */
  readonly key: number;
};

/** A peer by its host's name, which BEP 3 allows; nobody has looked it up or judged it yet. */
export type NamedPeer = { readonly name: string; readonly port: number };

export type AnnounceReply = {
  readonly peers: readonly Endpoint[];
  readonly named: readonly NamedPeer[];
  readonly intervalSeconds: number;
  readonly minIntervalSeconds: number | undefined;
  readonly seeders: number | undefined;
  readonly leechers: number | undefined;
  readonly warning: string | undefined;
};

/** BEP 48 and BEP 15: what a tracker counts without being announced to. */
export type ScrapeReply = { readonly seeders: number; readonly leechers: number; readonly downloads: number };

/** Peers taken from one reply: more say nothing new. */
export const PEERS_MAX = 1_000;
