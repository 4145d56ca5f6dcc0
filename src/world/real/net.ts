// The machine's sockets.

import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import { failure } from "../../base/failure.ts";
import { err, ok } from "../../base/result.ts";
import { type Endpoint, formatEndpoint } from "../../domain/address/endpoint.ts";
import type { Listener, Net, UdpSocket } from "../net.ts";
import { sharedRead } from "./shared-read.ts";
import { reasonOf } from "./socket-error.ts";
import { NodeTcpSocket, plainHost, remoteOf } from "./tcp-socket.ts";

const UDP_BUFFER_BYTES = 4 * 1024 * 1024;

export const realNet: Net = {
  dialTcp(remote, signal) {
    return new Promise((resolve) => {
      let wrapped: NodeTcpSocket | undefined;
      const socket = connect({
        host: remote.host,
        port: remote.port,
        ...sharedRead(
          (bytes) => wrapped?.received(bytes),
          () => wrapped?.place(),
        ),
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
      server.listen({ host: at.host, port: at.port, backlog: 1024, ipv6Only: true }, () => {
        // Running out of file descriptors makes accept() fail; the server lives on and accepts again when some are free.
        server.on("error", () => undefined);
        const bound = server.address();
        const port = bound !== null && typeof bound === "object" ? bound.port : at.port;
        const listener: Listener = {
          at: { host: at.host, port },
          // No longer listening at once; connections that were accepted live on with their owners.
          close: async () => {
            server.close();
          },
        };
        resolve(ok(listener));
      });
    });
  },

  bindUdp(at, handlers, options) {
    return new Promise((resolve) => {
      const type = at.host.includes(":") ? "udp6" : "udp4";
      const socket = createSocket({
        type,
        ipv6Only: type === "udp6",
        reuseAddr: options?.reuse ?? false,
        lookup: literalLookup,
      });
      socket.once("error", (error) =>
        resolve(err(failure("engine.listen_failed", { at: formatEndpoint(at), why: reasonOf(error) }, error))),
      );
      let last = { address: "", at: { host: "", port: 0 } };
      socket.on("message", (bytes, { address, port }) => {
        // Datagrams come in trains: most are from where the one before was from.
        if (address !== last.address || port !== last.at.port)
          last = { address, at: { host: plainHost(address), port } };
        handlers.onMessage(bytes, last.at);
      });
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

class NodeUdpSocket implements UdpSocket {
  readonly at: Endpoint;
  readonly #socket: DatagramSocket;

  constructor(socket: DatagramSocket) {
    const bound = socket.address();
    this.at = { host: bound.address, port: bound.port };
    this.#socket = socket;
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    // A full send buffer or an unreachable network loses the datagram, as the network itself may. So nobody waits to hear
    // of it: a callback would cost another turn for each.
    this.#socket.send(bytes, to.port, to.host);
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
