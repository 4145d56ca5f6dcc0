// A TLS connection as the session sees it: bound to one torrent, and ended when the peer's certificate ends.

import type { Endpoint } from "../../../domain/address/endpoint.ts";
import type { Clock, Timer } from "../../../world/clock.ts";
import type { TcpSocket } from "../../../world/net.ts";
import type { TlsConnection, TlsPeer } from "../../../world/tls.ts";
import type { PeerStream, StreamHandlers, TransportName } from "../transport.ts";

/** Timers hold no more than 2³¹ milliseconds; a longer certificate is looked at again. */
const LOOK_AGAIN_MS = 24 * 60 * 60 * 1000;

export type TlsStreamSwarm = { readonly infoHash: Uint8Array; readonly transport: TransportName };

export class TlsStream implements PeerStream {
  readonly transport: TransportName;
  readonly boundInfoHash: Uint8Array;
  readonly peer: TlsPeer;
  readonly #socket: TcpSocket;
  readonly #clock: Clock;
  readonly #closed: () => void;
  /** On the monotonic clock: setting the date back does not make a certificate last longer (H98). */
  readonly #endsMs: number;
  #expiry: Timer | undefined;

  constructor({ socket, peer }: TlsConnection, swarm: TlsStreamSwarm, clock: Clock, closed: () => void) {
    this.transport = swarm.transport;
    this.boundInfoHash = swarm.infoHash;
    this.peer = peer;
    this.#socket = socket;
    this.#clock = clock;
    this.#closed = closed;
    this.#endsMs = clock.monotonicMs() + peer.expiresAtMs - clock.wallMs();
    this.#watchExpiry();
  }

  get remote(): Endpoint {
    return this.#socket.remote;
  }

  get unsentBytes(): number {
    return this.#socket.unsentBytes;
  }

  start(handlers: StreamHandlers): void {
    this.#socket.start({
      onData: (bytes) => handlers.onData(bytes),
      onDrain: () => handlers.onDrain(),
      onClose: (why) => {
        this.#expiry?.cancel();
        this.#closed();
        handlers.onClose(why);
      },
    });
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    this.#socket.write(bytes, flushed);
  }

  setReading(reading: boolean): void {
    this.#socket.setReading(reading);
  }

  close(why: string): void {
    this.#socket.close(why);
  }

  // The certificate carries the grant's end: a transfer under way stops with it (H97).
  #watchExpiry(): void {
    const byDateMs = this.peer.expiresAtMs - this.#clock.wallMs();
    const leftMs = Math.min(byDateMs, this.#endsMs - this.#clock.monotonicMs());
    if (leftMs <= 0) {
      this.close("certificate-expired");
      return;
    }
    this.#expiry = this.#clock.after(Math.min(leftMs, LOOK_AGAIN_MS), () => this.#watchExpiry());
  }
}
