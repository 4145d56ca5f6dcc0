// TLS between peers of a closed swarm, as a port: whom to trust and who we are is decided for each swarm name (SNI).

import type { Failure } from "../base/failure.ts";
import type { Result } from "../base/result.ts";
import type { Secret } from "../base/secret.ts";
import type { Endpoint } from "../domain/address/endpoint.ts";
import type { Listener, TcpSocket } from "./net.ts";

/** Who we are in one swarm, and the only root that we believe there. PEM. */
export type TlsIdentity = {
  readonly rootPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: Secret;
};

/** What a verified certificate says; that it chains to the root and is valid now was checked before. */
export type TlsPeer = {
  /** The server name that was asked for, as it was sent. */
  readonly serverName: string;
  /** DNS names of the subject alternative name, as bytes. */
  readonly dnsNames: readonly Uint8Array[];
  /** Common names of the subject, in order. */
  readonly commonNames: readonly string[];
  /** The certificate itself. */
  readonly certificateDer: Uint8Array;
  readonly expiresAtMs: number;
};

export type TlsConnection = { readonly socket: TcpSocket; readonly peer: TlsPeer };

export type TlsServeOptions = {
  /** Who we are under this server name; undefined ends the handshake with a fatal alert. */
  readonly identityOf: (serverName: string) => TlsIdentity | undefined;
  readonly accept: (connection: TlsConnection) => void;
};

export type TlsListenOptions = TlsServeOptions & {
  readonly at: Endpoint;
  /** Asked before a byte is exchanged. */
  readonly mayAccept: (remote: Endpoint) => boolean;
};

export type TlsDialOptions = {
  readonly remote: Endpoint;
  /** A connection to speak TLS over; absent: a new one by TCP. It is closed when the handshake fails. */
  readonly carrier?: TcpSocket;
  readonly serverName: string;
  readonly identity: TlsIdentity;
  readonly signal: AbortSignal;
};

/** TLS 1.2 or later, both sides show a certificate, nothing is resumed, no ALPN. */
export interface Tls {
  /** Failure codes: engine.peer_unreachable. */
  dial(options: TlsDialOptions): Promise<Result<TlsConnection, Failure>>;
  /** Failure codes: engine.listen_failed. */
  listen(options: TlsListenOptions): Promise<Result<Listener, Failure>>;
  /** Answers on connections that somebody else accepted, each handed to the returned function. */
  serve(options: TlsServeOptions): (carrier: TcpSocket) => void;
}
