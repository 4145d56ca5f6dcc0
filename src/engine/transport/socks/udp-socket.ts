// Datagrams through a SOCKS 5 proxy: each goes to the relay that the proxy opened, for as long as the connection that
// asked for it lives.

import type { Failure } from "../../../base/failure.ts";
import { failure } from "../../../base/failure.ts";
import { err, type Result } from "../../../base/result.ts";
import type { Endpoint } from "../../../domain/address/endpoint.ts";
import { unwrapSocksDatagram, wrapSocksDatagram } from "../../../wire/socks/handshake.ts";
import type { Clock } from "../../../world/clock.ts";
import type { TcpSocket, UdpHandlers, UdpSocket } from "../../../world/net.ts";

type Association = { readonly socket: TcpSocket; readonly bound: Endpoint };
type Associate = () => Promise<Result<Association, Failure>>;

type AssociationState =
  | { readonly at: "away"; readonly sinceMs: number }
  | { readonly at: "asking" }
  | { readonly at: "open"; readonly control: TcpSocket; readonly relay: Endpoint }
  | { readonly at: "closed" };

/** How long a proxy that refused is left alone. */
const AWAY_MS = 5000;

export class SocksUdpSocket implements UdpSocket {
  readonly #handlers: UdpHandlers;
  readonly #clock: Clock;
  readonly #abort: AbortController;
  readonly #associate: Associate;
  #udp: UdpSocket | undefined;
  #state: AssociationState = { at: "away", sinceMs: Number.NEGATIVE_INFINITY };

  constructor(handlers: UdpHandlers, clock: Clock, abort: AbortController, associate: Associate) {
    this.#handlers = handlers;
    this.#clock = clock;
    this.#abort = abort;
    this.#associate = associate;
  }

  open(udp: UdpSocket): void {
    this.#udp = udp;
    this.#ask();
  }

  /** Our side of the relay: nobody outside sees it. */
  get at(): Endpoint {
    return this.#udp?.at ?? { host: "0.0.0.0", port: 0 };
  }

  /** Dropped while there is no relay, as a network may drop it: never sent around the proxy. */
  send(bytes: Uint8Array, to: Endpoint): void {
    const state = this.#state;
    if (state.at === "open") this.#udp?.send(wrapSocksDatagram(bytes, to), state.relay);
    else if (state.at === "away" && this.#clock.monotonicMs() - state.sinceMs >= AWAY_MS) this.#ask();
  }

  joinGroup(group: string): Result<undefined, Failure> {
    return err(failure("engine.listen_failed", { at: group, why: "behind-proxy" }));
  }

  onDatagram(datagram: Uint8Array, from: Endpoint): void {
    const state = this.#state;
    if (state.at !== "open" || from.port !== state.relay.port || from.host !== state.relay.host) return;
    const unwrapped = unwrapSocksDatagram(datagram);
    if (unwrapped !== undefined) this.#handlers.onMessage(unwrapped.bytes, unwrapped.from);
  }

  close(): void {
    const state = this.#state;
    this.#state = { at: "closed" };
    this.#abort.abort();
    if (state.at === "open") state.control.close("closed");
    this.#udp?.close();
  }

  #ask(): void {
    this.#state = { at: "asking" };
    void this.#associate().then((association) => {
      if (this.#state.at === "closed") {
        if (association.ok) association.value.socket.close("closed");
        return;
      }
      if (association.ok) this.#use(association.value);
      else this.#leave();
    });
  }

  #use({ socket, bound }: Association): void {
    // Many proxies answer 0.0.0.0: the relay is then where the proxy is.
    const isAnywhere = bound.host === "0.0.0.0" || bound.host === "::";
    const relay = { host: isAnywhere ? socket.remote.host : bound.host, port: bound.port };
    this.#state = { at: "open", control: socket, relay };
    socket.start({ onData: () => undefined, onDrain: () => undefined, onClose: () => this.#leave() });
  }

  #leave(): void {
    if (this.#state.at !== "closed") this.#state = { at: "away", sinceMs: this.#clock.monotonicMs() };
  }
}
