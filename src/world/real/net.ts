// The machine's sockets.

import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { connect, createServer, type Socket } from "node:net";
import { failure } from "../../base/failure.ts";
import { err, ok } from "../../base/result.ts";
import { type Endpoint, formatEndpoint } from "../../domain/address/endpoint.ts";
import type { Listener, Net, TcpHandlers, TcpSocket, UdpSocket } from "../net.ts";

// Node reads into this buffer and calls back before it reads again, on whichever socket: one buffer serves them all.
// 256 KiB a read costs a third of the system calls and callbacks of Node's own 64 KiB (docs/performance.md).
const sharedReadBuffer = Buffer.allocUnsafeSlow(256 * 1024);

const UDP_BUFFER_BYTES = 4 * 1024 * 1024;

export const realNet: Net = {
  dialTcp(remote, signal) {
    return new Promise((resolve) => {
      let wrapped: NodeTcpSocket | undefined;
      const socket = connect({
        host: remote.host,
        port: remote.port,
        onread: {
          buffer: sharedReadBuffer,
          callback(count, buffer) {
            wrapped?.received(buffer.subarray(0, count));
            return true;
          },
        },
      });
      const refuse = (why: string, cause?: unknown) => {
        socket.destroy();
        resolve(err(failure("engine.peer_unreachable", { peer: formatEndpoint(remote), why }, cause)));
      };
      const onAbort = () => refuse("timed-out");
      const onError = (error: Error) => refuse(reasonOf(error), error);
      signal.addEventListener("abort", onAbort, { once: true });
      socket.once("error", onError);
      socket.once("connect", () => {
        signal.removeEventListener("abort", onAbort);
        socket.removeListener("error", onError);
        wrapped = new NodeTcpSocket(socket, remote);
        resolve(ok(wrapped));
      });
      if (signal.aborted) onAbort();
    });
  },

  listenTcp(at, mayAccept, accept) {
    return new Promise((resolve) => {
      const server = createServer((socket) => {
        const remote = remoteOf(socket);
        if (remote === undefined || !mayAccept(remote)) {
          socket.resetAndDestroy();
          return;
        }
        accept(new NodeTcpSocket(socket, remote));
      });
      server.once("error", (error) =>
        resolve(err(failure("engine.listen_failed", { at: formatEndpoint(at), why: reasonOf(error) }, error))),
      );
      server.listen({ host: at.host, port: at.port, backlog: 1024 }, () => {
        // Running out of file descriptors makes accept() fail; the server lives on and accepts again when some are free.
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

  bindUdp(at, handlers, options) {
    return new Promise((resolve) => {
      const type = at.host.includes(":") ? "udp6" : "udp4";
      const socket = createSocket({ type, reuseAddr: options?.reuse ?? false, lookup: literalLookup });
      socket.once("error", (error) =>
        resolve(err(failure("engine.listen_failed", { at: formatEndpoint(at), why: reasonOf(error) }, error))),
      );
      socket.on("message", (bytes, from) =>
        handlers.onMessage(bytes, { host: plainHost(from.address), port: from.port }),
      );
      socket.bind({ address: at.host, port: at.port }, () => {
        socket.removeAllListeners("error");
        // An ICMP error of one datagram says nothing about the socket.
        socket.on("error", () => undefined);
        growBuffers(socket);
        resolve(ok(new NodeUdpSocket(socket)));
      });
    });
  },
};

class NodeTcpSocket implements TcpSocket {
  readonly remote: Endpoint;
  readonly #socket: Socket;
  #handlers: TcpHandlers | undefined;
  #early: Uint8Array[] = [];
  #closedWhy: string | undefined;

  constructor(socket: Socket, remote: Endpoint) {
    this.remote = remote;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => this.received(bytes));
    socket.on("drain", () => this.#handlers?.onDrain());
    socket.on("error", (error) => {
      this.#closedWhy ??= reasonOf(error);
    });
    socket.on("end", () => {
      this.#closedWhy ??= "ended";
      socket.destroy();
    });
    socket.on("close", () => {
      this.#closedWhy ??= "closed";
      this.#handlers?.onClose(this.#closedWhy);
    });
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  received(bytes: Uint8Array): void {
    if (this.#handlers === undefined) this.#early.push(Uint8Array.from(bytes));
    else this.#handlers.onData(bytes);
  }

  start(handlers: TcpHandlers): void {
    this.#handlers = handlers;
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) handlers.onData(bytes);
    if (this.#socket.destroyed) queueMicrotask(() => handlers.onClose(this.#closedWhy ?? "closed"));
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    if (this.#socket.destroyed) flushed?.();
    else if (flushed === undefined) this.#socket.write(bytes);
    else this.#socket.write(bytes, () => flushed());
  }

  setReading(reading: boolean): void {
    if (reading) this.#socket.resume();
    else this.#socket.pause();
  }

  close(why: string): void {
    this.#closedWhy ??= why;
    this.#socket.destroy();
  }
}

class NodeUdpSocket implements UdpSocket {
  readonly at: Endpoint;
  readonly #socket: DatagramSocket;

  constructor(socket: DatagramSocket) {
    const bound = socket.address();
    this.at = { host: bound.address, port: bound.port };
    this.#socket = socket;
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    // A full send buffer or an unreachable network loses the datagram, as the network itself may.
    this.#socket.send(bytes, to.port, to.host, () => undefined);
  }

  joinGroup(group: string) {
    try {
      this.#socket.addMembership(group);
      return ok();
    } catch (thrown) {
      return err(failure("engine.listen_failed", { at: group, why: reasonOf(thrown) }, thrown));
    }
  }

  close(): void {
    this.#socket.close();
  }
}

// Endpoints hold literals: Node's own resolver would put off every datagram to a later turn, out of order with others.
function literalLookup(
  host: string,
  _options: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  done(null, host, host.includes(":") ? 6 : 4);
}

// uTP keeps megabytes in flight, and the kernel's default holds 200 KiB; it takes what its own limit allows.
function growBuffers(socket: DatagramSocket): void {
  try {
    socket.setRecvBufferSize(UDP_BUFFER_BYTES);
    socket.setSendBufferSize(UDP_BUFFER_BYTES);
  } catch {
    // The defaults then stay: slower, not wrong.
  }
}

function remoteOf(socket: Socket): Endpoint | undefined {
  if (socket.remoteAddress === undefined || socket.remotePort === undefined) return undefined;
  return { host: plainHost(socket.remoteAddress), port: socket.remotePort };
}

// A dual-stack socket shows IPv4 peers as ::ffff:1.2.3.4; rules and bans are written for 1.2.3.4.
function plainHost(host: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(host) ? host.slice(7) : host;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ETIMEDOUT: "timed-out",
  EHOSTUNREACH: "no-route",
  ENETUNREACH: "no-route",
  EADDRINUSE: "port-taken",
  EACCES: "not-permitted",
  EMFILE: "files-exhausted",
};

function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
  return REASONS[code] ?? code;
}
