// TLS by Node and OpenSSL.

import { constants, type X509Certificate } from "node:crypto";
import { createServer as createTcpServer, type Socket } from "node:net";
import type { SecureContext, SecureContextOptions, Server, TLSSocket } from "node:tls";
import { failure } from "../../base/failure.ts";
import { err, ok } from "../../base/result.ts";
import { type Endpoint, formatEndpoint } from "../../domain/address/endpoint.ts";
import type { Listener } from "../net.ts";
import type { Tls, TlsIdentity, TlsPeer, TlsServeOptions } from "../tls.ts";
import { Carrier } from "./carrier.ts";
import { certificateNames } from "./certificate-names.ts";
import { sharedRead } from "./shared-read.ts";
import { reasonOf } from "./socket-error.ts";
import { NodeTcpSocket, remoteOf } from "./tcp-socket.ts";

const HANDSHAKE_MS_MAX = 10_000;

// Loaded by the first closed swarm: every start of a command would wait for it.
const tls = () => process.getBuiltinModule("node:tls");

/** AES-128-GCM first: with AES-NI it costs a third of the others, and peers are ours. */
const HARDENED: SecureContextOptions = {
  minVersion: "TLSv1.2",
  ciphers: [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
  ].join(":"),
  // A resumed session would skip the certificate, and so a revocation (H96).
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
};

export const realTls: Tls = {
  dial({ remote, carrier, serverName, identity, signal }) {
    return new Promise((resolve) => {
      let wrapped: NodeTcpSocket | undefined;
      const socket = tls().connect({
        ...(carrier === undefined ? { host: remote.host, port: remote.port } : { socket: new Carrier(carrier) }),
        servername: serverName,
        ...credentials(identity),
        rejectUnauthorized: true,
        // Names are compared by the engine, byte for byte: host-name rules and wildcards do not apply here.
        checkServerIdentity: () => undefined,
        timeout: HANDSHAKE_MS_MAX,
        ...sharedRead((bytes) => wrapped?.received(bytes)),
      });
      const refuse = (why: string, cause?: unknown) => {
        socket.destroy();
        resolve(err(failure("engine.peer_unreachable", { peer: formatEndpoint(remote), why }, cause)));
      };
      const onAbort = () => refuse("timed-out");
      const onError = (error: Error) => refuse(reasonOf(error), error);
      signal.addEventListener("abort", onAbort, { once: true });
      socket.once("error", onError);
      socket.once("timeout", onAbort);
      socket.once("secureConnect", () => {
        signal.removeEventListener("abort", onAbort);
        socket.removeListener("error", onError);
        socket.removeListener("timeout", onAbort);
        socket.setTimeout(0);
        const peer = peerOf(socket, serverName);
        if (peer === undefined) return refuse("certificate-missing");
        wrapped = new NodeTcpSocket(socket, remote);
        resolve(ok({ socket: wrapped, peer }));
      });
      if (signal.aborted) onAbort();
    });
  },

  listen({ at, mayAccept, ...serving }) {
    const secure = serverOf(contextsOf(serving.identityOf), serving, remoteOf);
    return new Promise((resolve) => {
      const server = createTcpServer((raw) => {
        const remote = remoteOf(raw);
        if (remote === undefined || !mayAccept(remote)) raw.resetAndDestroy();
        else secure.emit("connection", raw);
      });
      server.once("error", (error) =>
        resolve(err(failure("engine.listen_failed", { at: formatEndpoint(at), why: reasonOf(error) }, error))),
      );
      server.listen({ host: at.host, port: at.port, backlog: 1024, ipv6Only: true }, () => {
        server.on("error", () => undefined);
        const bound = server.address();
        const port = bound !== null && typeof bound === "object" ? bound.port : at.port;
        const listener: Listener = {
          at: { host: at.host, port },
          close: () => new Promise((closed) => server.close(() => closed())),
        };
        resolve(ok(listener));
      });
    });
  },

  serve(serving) {
    const contextOf = contextsOf(serving.identityOf);
    // A socket over a stream does not know its peer's address: a server each does.
    return (carrier) => {
      serverOf(contextOf, serving, () => carrier.remote).emit("connection", new Carrier(carrier));
    };
  },
};

type ContextOf = (serverName: string) => SecureContext | undefined;

function contextsOf(identityOf: TlsServeOptions["identityOf"]): ContextOf {
  const contexts = new WeakMap<TlsIdentity, SecureContext>();
  return (serverName) => {
    const identity = identityOf(serverName);
    if (identity === undefined) return undefined;
    const known = contexts.get(identity) ?? tls().createSecureContext(credentials(identity));
    contexts.set(identity, known);
    return known;
  };
}

/** Connections reach it by its "connection" event. */
function serverOf(
  contextOf: ContextOf,
  { accept }: TlsServeOptions,
  remoteFor: (socket: Socket) => Endpoint | undefined,
): Server {
  // The server's own context has no certificate: without a swarm the handshake ends in a fatal alert.
  const server = tls().createServer({
    ...HARDENED,
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: HANDSHAKE_MS_MAX,
    SNICallback: (serverName, done) => done(null, contextOf(serverName)),
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    const remote = remoteFor(socket);
    const serverName = typeof socket.servername === "string" ? socket.servername : undefined;
    const peer = serverName === undefined ? undefined : peerOf(socket, serverName);
    if (remote === undefined || peer === undefined) socket.destroy();
    else accept({ socket: new NodeTcpSocket(socket, remote), peer });
  });
  // A failed handshake is the newcomer's affair; Node has closed its socket.
  server.on("tlsClientError", () => undefined);
  return server;
}

function credentials(identity: TlsIdentity): SecureContextOptions {
  return {
    ...HARDENED,
    ca: [identity.rootPem],
    cert: identity.certificatePem,
    key: identity.privateKeyPem.reveal(),
  };
}

function peerOf(socket: TLSSocket & Socket, serverName: string): TlsPeer | undefined {
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (certificate === undefined || !socket.authorized || socket.isSessionReused()) return undefined;
  return {
    serverName,
    ...certificateNames(certificate),
    certificateDer: certificate.raw,
    expiresAtMs: Date.parse(certificate.validTo),
  };
}
