// Plain TCP: the transport that every peer speaks.

import { ok } from "../../base/result.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { Net, TcpSocket } from "../../world/net.ts";
import type { PeerStream, StreamHandlers, Transport } from "./transport.ts";

export function tcpTransport(net: Net): Transport {
  return {
    name: "tcp",
    async dial({ remote, signal }) {
      const dialled = await net.dialTcp(remote, signal);
      return dialled.ok ? ok(new TcpStream(dialled.value)) : dialled;
    },
    listen: ({ at, mayAccept, accept }) => net.listenTcp(at, mayAccept, (socket) => accept(new TcpStream(socket))),
  };
}

class TcpStream implements PeerStream {
  readonly transport = "tcp";
  readonly boundInfoHash = undefined;
  readonly remote: Endpoint;
  readonly #socket: TcpSocket;

  constructor(socket: TcpSocket) {
    this.remote = socket.remote;
    this.#socket = socket;
  }

  get unsentBytes(): number {
    return this.#socket.unsentBytes;
  }

  start(handlers: StreamHandlers): void {
    this.#socket.start(handlers);
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
}
