// A socket of Node as the port's TcpSocket; TLS sockets are the same to their users.

import type { Socket } from "node:net";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { TcpHandlers, TcpSocket } from "../net.ts";
import { reasonOf } from "./socket-error.ts";

export class NodeTcpSocket implements TcpSocket {
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

  /** Asked by whoever reads for this socket. */
  place(): Uint8Array | undefined {
    return this.#socket.destroyed ? undefined : this.#handlers?.place?.();
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

export function remoteOf(socket: Socket): Endpoint | undefined {
  if (socket.remoteAddress === undefined || socket.remotePort === undefined) return undefined;
  return { host: plainHost(socket.remoteAddress), port: socket.remotePort };
}

// A dual-stack socket shows IPv4 peers as ::ffff:1.2.3.4; rules and bans are written for 1.2.3.4.
export function plainHost(host: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(host) ? host.slice(7) : host;
}
