// A uTP connection as the session sees it: a PeerStream.

import type { Endpoint } from "../../../domain/address/endpoint.ts";
import { familyOfHost } from "../../../wire/compact/address.ts";
import type { PeerStream, StreamHandlers } from "../transport.ts";
import { UtpConnection, type UtpOpening, type UtpSink } from "./connection.ts";

export type UtpStreamOwner = {
  transmit(datagram: Uint8Array, to: Endpoint): void;
  dirty(stream: UtpStream): void;
  connected(stream: UtpStream): void;
  closed(stream: UtpStream, why: string): void;
};

export class UtpStream implements PeerStream, UtpSink {
  readonly transport = "utp";
  readonly boundInfoHash = undefined;
  readonly remote: Endpoint;
  readonly connection: UtpConnection;
  readonly #owner: UtpStreamOwner;
  #handlers: StreamHandlers | undefined;
  #closedWhy: string | undefined;

  constructor(owner: UtpStreamOwner, remote: Endpoint, opening: UtpOpening, nowMs: number) {
    this.#owner = owner;
    this.remote = remote;
    const family = familyOfHost(remote.host);
    this.connection = new UtpConnection({ opening, family, sink: this, nowMs });
    // What arrives before `start` is held, and the window holds the peer back.
    this.connection.setReading(false);
  }

  get unsentBytes(): number {
    return this.connection.unsentBytes;
  }

  start(handlers: StreamHandlers): void {
    this.#handlers = handlers;
    const why = this.#closedWhy;
    if (why === undefined) this.connection.setReading(true);
    else queueMicrotask(() => handlers.onClose(why));
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    this.connection.write(bytes, flushed);
  }

  setReading(reading: boolean): void {
    this.connection.setReading(reading);
  }

  close(why: string): void {
    this.connection.close(why);
  }

  transmit(datagram: Uint8Array): void {
    this.#owner.transmit(datagram, this.remote);
  }

  connected(): void {
    this.#owner.connected(this);
  }

  deliver(payload: Uint8Array): void {
    this.#handlers?.onData(payload);
  }

  drained(): void {
    this.#handlers?.onDrain();
  }

  closed(why: string): void {
    this.#closedWhy = why;
    this.#owner.closed(this, why);
    this.#handlers?.onClose(why);
  }

  dirty(): void {
    this.#owner.dirty(this);
  }
}
