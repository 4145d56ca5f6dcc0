// Sockets. Everything the product sends or receives passes through this port.

import type { Failure } from "../base/failure.ts";
import type { Result } from "../base/result.ts";
import type { Endpoint } from "../domain/address/endpoint.ts";

export type TcpHandlers = {
  /**
   * Where the next bytes are to be read to, instead of the adapter's own buffer. Asked after each read, where the adapter
   * can. The next read writes there, whenever that is, unless the socket is closed before.
   */
  place?(): Uint8Array | undefined;
  /** `bytes` is only valid during the call where the adapter reuses its read buffer. */
  onData(bytes: Uint8Array): void;
  onDrain(): void;
  /** Exactly once. `why` is a stable word such as "ended", "reset", "timed-out", "closed". */
  onClose(why: string): void;
};

export interface TcpSocket {
  readonly remote: Endpoint;
  readonly unsentBytes: number;
  start(handlers: TcpHandlers): void;
  /** `flushed` is called when the bytes may change again. */
  write(bytes: Uint8Array, flushed?: () => void): void;
  setReading(reading: boolean): void;
  close(why: string): void;
}

export interface Listener {
  readonly at: Endpoint;
  close(): Promise<void>;
}

export type UdpHandlers = { onMessage(bytes: Uint8Array, from: Endpoint): void };

export interface UdpSocket {
  readonly at: Endpoint;
  send(bytes: Uint8Array, to: Endpoint): void;
  joinGroup(group: string): Result<undefined, Failure>;
  close(): void;
}

export interface Net {
  /** Failure codes: engine.peer_unreachable. */
  dialTcp(remote: Endpoint, signal: AbortSignal): Promise<Result<TcpSocket, Failure>>;
  /**
   * Failure codes: engine.listen_failed. `mayAccept` is asked before a byte is exchanged. `::` is every IPv6 address and, on
   * all systems alike, no IPv4 one, here and in `bindUdp`.
   */
  listenTcp(
    at: Endpoint,
    mayAccept: (remote: Endpoint) => boolean,
    accept: (socket: TcpSocket) => void,
  ): Promise<Result<Listener, Failure>>;
  /** Failure codes: engine.listen_failed. `reuse` lets several processes share a multicast port. */
  bindUdp(at: Endpoint, handlers: UdpHandlers, options?: { reuse?: boolean }): Promise<Result<UdpSocket, Failure>>;
}
