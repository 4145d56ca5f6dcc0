// Whom to dial first, and who goes when a torrent has too many peers: whoever has the most connections, and of equals by
// canonical priority (BEP 40) from where we are.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import { type AddressFamily, addressBytes, familyOfHost } from "../../wire/compact/address.ts";
import type { PeerSource } from "../discovery/source.ts";
import type { EngineCore } from "../engine-core.ts";
import type { TransportName } from "../transport/transport.ts";
import { peerPriority } from "./peer-priority.ts";

/** Greater goes first. */
export type RankOf = (remote: Endpoint) => number;
/** What is looked at of a session. */
type Ranked = { readonly source: PeerSource; readonly stream: { readonly remote: Endpoint } };
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
      const place = own[familyOfHost(remote.host)];
      if (place === undefined) return 0;
      const key = place.host === remote.host ? `${remote.host} ${remote.port}` : remote.host;
      const rank = this.#known.get(key) ?? peerPriority(place, remote) ?? 0;
      this.#known.set(key, rank);
      return rank;
    };
  }

  /**
   * Who goes when there are too many: of the hosts with the most connections, the lowest peer. One host that fills a torrent
   * from many ports makes room for everybody else. With `newcomer`, undefined when it is the one that should go. Peers named
   * by hand stay.
   */
  lowest<S extends Ranked>(sessions: Iterable<S>, newcomer: Endpoint | undefined): S | undefined {
    const rankOf = this.now();
    const all = [...sessions];
    const crowds = new Crowds(all.map(({ stream }) => stream.remote));
    if (newcomer !== undefined) crowds.add(newcomer);
    const standingOf = (remote: Endpoint): Standing => ({ crowd: crowds.of(remote), rank: rankOf(remote) });
    let lowest: S | undefined;
    let worst = newcomer === undefined ? undefined : standingOf(newcomer);
    for (const session of all) {
      if (session.source === "given") continue;
      const standing = standingOf(session.stream.remote);
      if (worst !== undefined && !goesBefore(standing, worst)) continue;
      lowest = session;
      worst = standing;
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

type Standing = { readonly crowd: number; readonly rank: number };

function goesBefore(a: Standing, b: Standing): boolean {
  return a.crowd === b.crowd ? a.rank < b.rank : a.crowd > b.crowd;
}

/** A /64 of IPv6 is one subscriber, who can take any address in it. */
function subscriberOf(host: string): string {
  const bytes = addressBytes(host);
  return bytes?.length === 16 ? bytes.slice(0, 8).join(":") : host;
}

/** How many connections each subscriber has. */
class Crowds {
  readonly #sizes = new Map<string, number>();

  constructor(remotes: Iterable<Endpoint>) {
    for (const remote of remotes) this.add(remote);
  }

  add(remote: Endpoint): void {
    this.#sizes.set(subscriberOf(remote.host), this.of(remote) + 1);
  }

  of({ host }: Endpoint): number {
    return this.#sizes.get(subscriberOf(host)) ?? 0;
  }
}
