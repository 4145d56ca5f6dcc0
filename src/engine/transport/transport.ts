// What carries a peer connection. TCP, uTP, TLS and MSE each implement this; the session above cannot tell them apart.

import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";

export type TransportName = "tcp" | "utp" | "tls" | "mse" | "mse-utp" | "tls-utp" | "web";

export type StreamHandlers = {
  /** See TcpHandlers. Transports that turn bytes into others do not ask. */
  place?(): Uint8Array | undefined;
  /** `bytes` is only valid during the call: transports reuse their read buffer. */
  onData(bytes: Uint8Array): void;
  /** `unsentBytes` fell to zero after a write found it full. */
  onDrain(): void;
  /** Called exactly once, also after `close()`. */
  onClose(why: string): void;
};

export interface PeerStream {
  readonly transport: TransportName;
  readonly remote: Endpoint;
  /** Set where the channel itself proves the swarm (SNI of an SSL torrent): a handshake for another one is refused. */
  readonly boundInfoHash: Uint8Array | undefined;
  /** Bytes written and not yet taken by the kernel (or the layer below). */
  readonly unsentBytes: number;
  /** Delivers data from now on; called once. */
  start(handlers: StreamHandlers): void;
  /** Queues the bytes. They must not change before `flushed` is called (also called when the stream closes). */
  write(bytes: Uint8Array, flushed?: () => void): void;
  /** Stops or restarts reading: the kernel's window then holds the peer back. */
  setReading(reading: boolean): void;
  /** Closes at once; unsent bytes are dropped. */
  close(why: string): void;
}

export type DialRequest = {
  readonly remote: Endpoint;
  /** 20 bytes: v1, or the truncated v2 hash. MSE needs it for its key, TLS for its SNI. */
  readonly infoHash: Uint8Array;
  readonly signal: AbortSignal;
};

export type ListenRequest = {
  readonly at: Endpoint;
  /** The 20-byte hashes of all torrents that accept peers now (for MSE's SKEY, TLS's SNI). */
  readonly infoHashes: () => Iterable<Uint8Array>;
  /** Asked before a byte is read or written. */
  readonly mayAccept: (remote: Endpoint) => boolean;
  readonly accept: (stream: PeerStream) => void;
};

export interface Listening {
  readonly at: Endpoint;
  close(): Promise<void>;
}

export interface Transport {
  readonly name: TransportName;
  dial(request: DialRequest): Promise<Result<PeerStream, Failure>>;
  /** Absent where the transport shares another one's listener (MSE on TCP wraps it and replaces it). */
  listen?(request: ListenRequest): Promise<Result<Listening, Failure>>;
  /** Lets go of what was opened for dialling only. */
  close?(): Promise<void>;
}
