// The network through a SOCKS 5 proxy: everything that dials or sends datagrams goes there, and nothing around it. When
// the proxy is away, nothing leaves.

import { type Failure, failure } from "../../../base/failure.ts";
import { err, ok, type Result } from "../../../base/result.ts";
import { type Endpoint, formatEndpoint } from "../../../domain/address/endpoint.ts";
import { familyOfHost } from "../../../wire/compact/address.ts";
import { type SocksCommand, SocksHandshake, type SocksLogin } from "../../../wire/socks/handshake.ts";
import type { Clock } from "../../../world/clock.ts";
import type { Net, TcpHandlers, TcpSocket, UdpSocket } from "../../../world/net.ts";
import { SocksUdpSocket } from "./udp-socket.ts";

export type SocksProxy = { readonly at: Endpoint; readonly login?: SocksLogin };

const ANYWHERE: Readonly<Record<4 | 6, Endpoint>> = { 4: { host: "0.0.0.0", port: 0 }, 6: { host: "::", port: 0 } };

export class SocksNet implements Net {
  readonly #net: Net;
  readonly #clock: Clock;
  readonly #proxy: SocksProxy;

  constructor(net: Net, clock: Clock, proxy: SocksProxy) {
    this.#net = net;
    this.#clock = clock;
    this.#proxy = proxy;
  }

  async dialTcp(remote: Endpoint, signal: AbortSignal): Promise<Result<TcpSocket, Failure>> {
    const opened = await this.#command("connect", remote, signal);
    return opened.ok ? ok(opened.value.socket) : opened;
  }

  /** Nobody can be accepted through a proxy: its address is not ours. */
  async listenTcp(at: Endpoint): Promise<Result<never, Failure>> {
    return err(failure("engine.listen_failed", { at: formatEndpoint(at), why: "behind-proxy" }));
  }

  async bindUdp(at: Endpoint, handlers: Parameters<Net["bindUdp"]>[1]): Promise<Result<UdpSocket, Failure>> {
    const family = familyOfHost(at.host);
    const abort = new AbortController();
    const socket = new SocksUdpSocket(handlers, this.#clock, abort, () =>
      this.#command("associate", ANYWHERE[family], abort.signal),
    );
    // The relay's family is the proxy's, whatever the datagrams' inside is.
    const bindAt = ANYWHERE[familyOfHost(this.#proxy.at.host)];
    const udp = await this.#net.bindUdp(bindAt, { onMessage: (bytes, from) => socket.onDatagram(bytes, from) });
    if (!udp.ok) return udp;
    socket.open(udp.value);
    return ok(socket);
  }

  async #command(
    command: SocksCommand,
    target: Endpoint,
    signal: AbortSignal,
  ): Promise<Result<{ readonly socket: TcpSocket; readonly bound: Endpoint }, Failure>> {
    const dialled = await this.#net.dialTcp(this.#proxy.at, signal);
    if (!dialled.ok) {
      const about = { peer: formatEndpoint(target), why: "proxy-unreachable" };
      return err(failure("engine.peer_unreachable", about, dialled.error));
    }
    const handshake = new SocksHandshake(command, target, this.#proxy.login);
    return new Promise((resolve) => {
      const socket = new ProxiedTcpSocket(dialled.value, command === "connect" ? target : this.#proxy.at, handshake);
      const onAbort = () => socket.close("timed-out");
      signal.addEventListener("abort", onAbort, { once: true });
      socket.begin((outcome) => {
        signal.removeEventListener("abort", onAbort);
        if (typeof outcome !== "string") resolve(ok({ socket, bound: outcome }));
        else resolve(err(failure("engine.peer_unreachable", { peer: formatEndpoint(target), why: outcome })));
      });
      if (signal.aborted) onAbort();
    });
  }
}

/** A connection to the proxy that becomes one to the target. */
class ProxiedTcpSocket implements TcpSocket {
  readonly remote: Endpoint;
  readonly #inner: TcpSocket;
  readonly #handshake: SocksHandshake;
  #settled: ((outcome: Endpoint | string) => void) | undefined;
  #handlers: TcpHandlers | undefined;
  #early: Uint8Array[] = [];
  #closedWhy: string | undefined;

  constructor(inner: TcpSocket, remote: Endpoint, handshake: SocksHandshake) {
    this.#inner = inner;
    this.remote = remote;
    this.#handshake = handshake;
  }

  begin(settled: (outcome: Endpoint | string) => void): void {
    this.#settled = settled;
    this.#inner.start({
      onData: (bytes) => this.#onData(bytes),
      onDrain: () => this.#handlers?.onDrain(),
      onClose: (why) => {
        this.#closedWhy = why;
        this.#settle(why);
        this.#handlers?.onClose(why);
      },
    });
    this.#inner.write(this.#handshake.start());
  }

  get unsentBytes(): number {
    return this.#inner.unsentBytes;
  }

  start(handlers: TcpHandlers): void {
    this.#handlers = handlers;
    for (const bytes of this.#early.splice(0)) handlers.onData(bytes);
    const why = this.#closedWhy;
    if (why !== undefined) queueMicrotask(() => handlers.onClose(why));
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    this.#inner.write(bytes, flushed);
  }

  setReading(reading: boolean): void {
    this.#inner.setReading(reading);
  }

  close(why: string): void {
    this.#inner.close(why);
  }

  #onData(bytes: Uint8Array): void {
    if (this.#handlers !== undefined) this.#handlers.onData(bytes);
    else if (this.#settled === undefined) this.#early.push(Uint8Array.prototype.slice.call(bytes));
    else this.#shakeHands(bytes);
  }

  #shakeHands(bytes: Uint8Array): void {
    const progress = this.#handshake.receive(bytes);
    if (progress.at === "waiting") {
      if (progress.send.length > 0) this.#inner.write(progress.send);
    } else if (progress.at === "refused") {
      this.#settle(progress.why);
      this.#inner.close(progress.why);
    } else {
      if (progress.rest.length > 0) this.#early.push(Uint8Array.from(progress.rest));
      this.#settle(progress.bound);
    }
  }

  #settle(outcome: Endpoint | string): void {
    const settled = this.#settled;
    this.#settled = undefined;
    settled?.(outcome);
  }
}
