// One UDP port for what a peer speaks over datagrams: uTP and the hash table. A router then has one hole to make, and a
// peer that knows where we take connections knows where our node answers. Trackers are asked from ports of their own,
// because a port that nobody can guess is half of what keeps forged answers out (H80).

import { type Failure, failure } from "../../../base/failure.ts";
import { err, ok, type Result } from "../../../base/result.ts";
import { type Endpoint, formatEndpoint } from "../../../domain/address/endpoint.ts";
import type { Net, UdpHandlers, UdpSocket } from "../../../world/net.ts";

export type DatagramKind = "utp" | "dht";

/** Messages of the hash table are dictionaries; a uTP packet begins with its type and version, 0x01 to 0x41. */
const DICTIONARY_BEGINS = 0x64;

type Place = {
  readonly host: string;
  /** 0 until the system has given one. */
  port: number;
  readonly readers: Map<DatagramKind, UdpHandlers>;
  readonly opened: Promise<Result<UdpSocket, Failure>>;
};

export class SharedUdp {
  readonly #net: Net;
  readonly #places = new Set<Place>();

  constructor(net: Net) {
    this.#net = net;
  }

  /** The network as one protocol uses it: what it binds, the others may share. Port 0 takes a shared one, if there is one. */
  netFor(kind: DatagramKind): Net {
    return {
      dialTcp: (remote, signal) => this.#net.dialTcp(remote, signal),
      listenTcp: (at, mayAccept, accept) => this.#net.listenTcp(at, mayAccept, accept),
      bindUdp: (at, handlers, options) =>
        options?.reuse === true ? this.#net.bindUdp(at, handlers, options) : this.#bind(kind, at, handlers),
    };
  }

  async #bind(kind: DatagramKind, at: Endpoint, handlers: UdpHandlers): Promise<Result<UdpSocket, Failure>> {
    const place = this.#existing(kind, at) ?? this.#open(at);
    if (place.readers.has(kind)) {
      return err(failure("engine.listen_failed", { at: formatEndpoint(at), why: "port-taken" }));
    }
    place.readers.set(kind, handlers);
    const opened = await place.opened;
    if (!opened.ok) {
      this.#places.delete(place);
      return opened;
    }
    const socket = opened.value;
    place.port = socket.at.port;
    return ok({
      at: socket.at,
      send: (bytes, to) => socket.send(bytes, to),
      joinGroup: (group) => socket.joinGroup(group),
      close: () => this.#leave(kind, place, socket),
    });
  }

  #existing(kind: DatagramKind, at: Endpoint): Place | undefined {
    const isRight = (place: Place) => (at.port === 0 ? !place.readers.has(kind) : place.port === at.port);
    return [...this.#places].find((place) => place.host === at.host && isRight(place));
  }

  #open(at: Endpoint): Place {
    const readers = new Map<DatagramKind, UdpHandlers>();
    const onMessage = (bytes: Uint8Array, from: Endpoint) => readers.get(kindOf(bytes))?.onMessage(bytes, from);
    const place = { ...at, readers, opened: this.#net.bindUdp(at, { onMessage }) };
    this.#places.add(place);
    return place;
  }

  #leave(kind: DatagramKind, place: Place, socket: UdpSocket): void {
    if (!place.readers.delete(kind) || place.readers.size > 0) return;
    this.#places.delete(place);
    socket.close();
  }
}

function kindOf(bytes: Uint8Array): DatagramKind {
  return bytes[0] === DICTIONARY_BEGINS ? "dht" : "utp";
}
