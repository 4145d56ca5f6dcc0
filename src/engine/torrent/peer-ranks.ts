// Whom to dial first, and who goes when a torrent has too many peers: canonical priority (BEP 40) from where we are.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { AddressFamily } from "../../wire/tracker/compact-peers.ts";
import type { EngineCore } from "../engine-core.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { TransportName } from "../transport/transport.ts";
import { peerPriority } from "./peer-priority.ts";

/** Greater goes first. */
export type RankOf = (remote: Endpoint) => number;
export type RankSources = Pick<EngineCore, "ownAddress" | "listening">;

/** Candidates are ranked again every second: a rank is remembered as long as our own address stays. */
const REMEMBERED_MAX = 4000;

export class PeerRanks {
  readonly #sources: RankSources;
  readonly #transports: readonly TransportName[] | undefined;
  readonly #known = new Map<string, number>();
  #knownFor = "";

  constructor(sources: RankSources, transports: readonly TransportName[] | undefined) {
    this.#sources = sources;
    this.#transports = transports;
  }

  /** Ranks as of now. Everybody ranks 0 while nobody told us our own address. */
  now(): RankOf {
    const own = { 4: this.#own(4), 6: this.#own(6) };
    const ownText = JSON.stringify(own);
    if (this.#knownFor !== ownText || this.#known.size > REMEMBERED_MAX) this.#known.clear();
    this.#knownFor = ownText;
    return (remote) => {
      const place = own[remote.host.includes(":") ? 6 : 4];
      if (place === undefined) return 0;
      const key = place.host === remote.host ? `${remote.host} ${remote.port}` : remote.host;
      const rank = this.#known.get(key) ?? peerPriority(place, remote) ?? 0;
      this.#known.set(key, rank);
      return rank;
    };
  }

  /** The lowest of the sessions; with `below`, only one that ranks lower than that. Peers named by hand stay. */
  lowest(sessions: Iterable<PeerSession>, below: Endpoint | undefined): PeerSession | undefined {
    const rankOf = this.now();
    let lowest: PeerSession | undefined;
    let lowestRank = below === undefined ? Number.POSITIVE_INFINITY : rankOf(below);
    for (const session of sessions) {
      const rank = rankOf(session.stream.remote);
      if (session.source === "given" || rank >= lowestRank) continue;
      lowest = session;
      lowestRank = rank;
    }
    return lowest;
  }

  #own(family: AddressFamily): Endpoint | undefined {
    const places = this.#sources.listening(this.#transports);
    const place = places.find(({ host }) => host.includes(":") === (family === 6));
    const isBound = place !== undefined && place.host !== "0.0.0.0" && place.host !== "::";
    const host = isBound ? place.host : this.#sources.ownAddress.of(family);
    return host === undefined ? undefined : { host, port: place?.port ?? 0 };
  }
}
