// uTP as a transport of the engine: one UDP port serves every connection, dialled and accepted.

import { type Failure, failure } from "../../../base/failure.ts";
import { err, ok, type Result } from "../../../base/result.ts";
import { type Endpoint, formatEndpoint } from "../../../domain/address/endpoint.ts";
import { familyOfHost } from "../../../wire/compact/address.ts";
import type { Net } from "../../../world/net.ts";
import type { DialRequest, Listening, ListenRequest, PeerStream, Transport } from "../transport.ts";
import { type UtpAccepting, UtpSocket, type UtpWorld } from "./socket.ts";

export type UtpTransportWorld = UtpWorld & { readonly net: Net };

type Bound = { readonly socket: UtpSocket; readonly at: Endpoint; readonly family: 4 | 6 };

export class UtpTransport implements Transport {
  readonly name = "utp";
  readonly #world: UtpTransportWorld;
  readonly #bound: Bound[] = [];
  /** Sockets for dialling where nothing listens, one per family. */
  readonly #dialling = new Map<4 | 6, Promise<Result<Bound, Failure>>>();

  constructor(world: UtpTransportWorld) {
    this.#world = world;
  }

  async dial({ remote, signal }: DialRequest): Promise<Result<PeerStream, Failure>> {
    const bound = await this.#socketFor(familyOfHost(remote.host));
    if (!bound.ok) return bound;
    return new Promise((resolve) => {
      const unreachable = (why: string) =>
        resolve(err(failure("engine.peer_unreachable", { peer: formatEndpoint(remote), why })));
      const onAbort = () => stream?.close("timed-out");
      const stream = bound.value.socket.dial(remote, () => {
        signal.removeEventListener("abort", onAbort);
        const state = stream?.connection.state;
        if (stream !== undefined && state?.at === "connected") resolve(ok(stream));
        else unreachable(state?.at === "closed" ? state.why : "closed");
      });
      if (stream === undefined) return unreachable("too-many-connections");
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  async listen(request: ListenRequest): Promise<Result<Listening, Failure>> {
    const bound = await this.#bind(request.at, { mayAccept: request.mayAccept, accept: request.accept });
    if (!bound.ok) return bound;
    this.#bound.push(bound.value);
    return ok({
      at: bound.value.at,
      close: async () => {
        this.#bound.splice(this.#bound.indexOf(bound.value), 1);
        bound.value.socket.close();
      },
    });
  }

  /** Closes the sockets that were opened for dialling only. */
  async close(): Promise<void> {
    const opened = [...this.#dialling.values()];
    this.#dialling.clear();
    for (const result of await Promise.all(opened)) {
      if (result.ok) result.value.socket.close();
    }
  }

  #socketFor(family: 4 | 6): Promise<Result<Bound, Failure>> {
    const listening = this.#bound.find((bound) => bound.family === family);
    if (listening !== undefined) return Promise.resolve(ok(listening));
    const known = this.#dialling.get(family);
    if (known !== undefined) return known;
    const opened = this.#bind({ host: family === 4 ? "0.0.0.0" : "::", port: 0 }, undefined);
    this.#dialling.set(family, opened);
    return opened;
  }

  async #bind(at: Endpoint, accepting: UtpAccepting | undefined): Promise<Result<Bound, Failure>> {
    let socket: UtpSocket | undefined;
    const udp = await this.#world.net.bindUdp(at, {
      onMessage: (bytes, from) => {
        socket?.receive(bytes, from);
      },
    });
    if (!udp.ok) return udp;
    socket = new UtpSocket(this.#world, udp.value, accepting);
    return ok({ socket, at: udp.value.at, family: familyOfHost(at.host) });
  }
}
