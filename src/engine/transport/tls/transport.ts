// Closed swarms: peers meet on a port of their own, by mutual TLS under the torrent's root certificate alone. The
// server name is the info-hash, so the channel itself is bound to one torrent.

import { fromHex, toHex } from "../../../base/bytes.ts";
import { type Failure, failure } from "../../../base/failure.ts";
import { err, ok, type Result } from "../../../base/result.ts";
import { type Endpoint, formatEndpoint } from "../../../domain/address/endpoint.ts";
import type { Clock } from "../../../world/clock.ts";
import type { Tls, TlsConnection } from "../../../world/tls.ts";
import type { DialRequest, Listening, ListenRequest, PeerStream, Transport, TransportName } from "../transport.ts";
import type { UtpTransport } from "../utp/transport.ts";
import { TlsStream } from "./stream.ts";
import { refusalOf, type SwarmIdentity } from "./swarm-identity.ts";

export type TlsTransportWorld = { readonly tls: Tls; readonly clock: Clock };
export type TlsTransportOptions = {
  /** SSL torrents have a listening port of their own; absent: the engine's. */
  readonly listenAt?: Endpoint;
  /** What carries the TLS records; absent: TCP. */
  readonly over?: UtpTransport;
};

/** A server name is the info-hash in lowercase hex, and nothing else follows (libtorrent reads its first 40 characters). */
const INFO_HASH_HEX_CHARS = 40;

export class TlsTransport implements Transport {
  readonly name: TransportName;
  readonly #world: TlsTransportWorld;
  readonly #listenAt: Endpoint | undefined;
  readonly #over: UtpTransport | undefined;
  readonly #swarms = new Map<string, SwarmIdentity>();
  readonly #streams = new Map<TlsStream, SwarmIdentity>();

  constructor(world: TlsTransportWorld, options: TlsTransportOptions = {}) {
    this.#world = world;
    this.#listenAt = options.listenAt;
    this.#over = options.over;
    this.name = options.over === undefined ? "tls" : "tls-utp";
  }

  /** From now on the swarm can be dialled and accepted; the returned function takes that back and drops its peers. */
  enroll(swarm: SwarmIdentity): () => void {
    const names = swarm.infoHashes.map(toHex);
    for (const name of names) this.#swarms.set(name, swarm);
    return () => {
      for (const name of names) if (this.#swarms.get(name) === swarm) this.#swarms.delete(name);
      this.#dropWhere(swarm, () => true, "swarm-closed");
    };
  }

  /** Asks the swarm's admission again about everyone who is in: a revoked certificate leaves at once. */
  recheck(swarm: SwarmIdentity): void {
    this.#dropWhere(swarm, (stream) => refusalOf(swarm, stream.peer) !== undefined, "certificate-not-admitted");
  }

  async dial({ remote, infoHash, signal }: DialRequest): Promise<Result<PeerStream, Failure>> {
    const unreachable = (why: string) => err(failure("engine.peer_unreachable", { peer: formatEndpoint(remote), why }));
    const serverName = toHex(infoHash);
    const swarm = this.#swarms.get(serverName);
    if (swarm === undefined) return unreachable("no-certificate");
    const carrier = await this.#over?.dial({ remote, infoHash, signal });
    if (carrier?.ok === false) return carrier;
    const connection = await this.#world.tls.dial({
      remote,
      ...(carrier !== undefined && { carrier: carrier.value }),
      serverName,
      identity: swarm.tls,
      signal,
    });
    if (!connection.ok) return connection;
    const stream = this.#admitted(connection.value, swarm, infoHash);
    return typeof stream === "string" ? unreachable(stream) : ok(stream);
  }

  async listen(request: ListenRequest): Promise<Result<Listening, Failure>> {
    const at = this.#listenAt ?? request.at;
    const { mayAccept } = request;
    const serving = {
      identityOf: (serverName: string) => this.#swarmNamed(serverName)?.tls,
      accept: (connection: TlsConnection) => this.#accepted(connection, request.accept),
    };
    if (this.#over === undefined) return this.#world.tls.listen({ at, mayAccept, ...serving });
    return this.#over.listen({ ...request, at, accept: this.#world.tls.serve(serving) });
  }

  async close(): Promise<void> {
    await this.#over?.close();
  }

  #accepted(connection: TlsConnection, accept: ListenRequest["accept"]): void {
    const swarm = this.#swarmNamed(connection.peer.serverName);
    const infoHash = fromHex(connection.peer.serverName);
    if (swarm === undefined || infoHash === undefined) {
      connection.socket.close("swarm-closed");
      return;
    }
    const stream = this.#admitted(connection, swarm, infoHash);
    if (typeof stream !== "string") accept(stream);
  }

  #swarmNamed(serverName: string): SwarmIdentity | undefined {
    return serverName.length === INFO_HASH_HEX_CHARS ? this.#swarms.get(serverName) : undefined;
  }

  #admitted(connection: TlsConnection, swarm: SwarmIdentity, infoHash: Uint8Array): TlsStream | string {
    const refusal = refusalOf(swarm, connection.peer);
    if (refusal !== undefined) {
      connection.socket.close(refusal);
      return refusal;
    }
    const stream = new TlsStream(connection, { infoHash, transport: this.name }, this.#world.clock, () =>
      this.#streams.delete(stream),
    );
    this.#streams.set(stream, swarm);
    return stream;
  }

  #dropWhere(swarm: SwarmIdentity, matches: (stream: TlsStream) => boolean, why: string): void {
    for (const [stream, its] of this.#streams) if (its === swarm && matches(stream)) stream.close(why);
  }
}
