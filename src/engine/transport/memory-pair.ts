// Two ends of a stream in memory, for tests of what is layered on streams. Delivers in chunks of a chosen size.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { PeerStream, StreamHandlers, TransportName } from "./transport.ts";

export class MemoryStream implements PeerStream {
  readonly transport: TransportName;
  readonly boundInfoHash = undefined;
  readonly remote: Endpoint;
  readonly #chunkBytes: number;
  #peer: MemoryStream | undefined;
  #handlers: StreamHandlers | undefined;
  #reading = true;
  #closedWhy: string | undefined;
  #incoming: Uint8Array[] = [];

  constructor(transport: TransportName, remote: Endpoint, chunkBytes: number) {
    this.transport = transport;
    this.remote = remote;
    this.#chunkBytes = chunkBytes;
  }

  join(peer: MemoryStream): void {
    this.#peer = peer;
  }

  get unsentBytes(): number {
    return 0;
  }

  start(handlers: StreamHandlers): void {
    this.#handlers = handlers;
    this.#deliverSoon();
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    for (let at = 0; at < bytes.length; at += this.#chunkBytes) {
      this.#peer?.receive(Uint8Array.from(bytes.subarray(at, at + this.#chunkBytes)));
    }
    flushed?.();
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    if (reading) this.#deliverSoon();
  }

  close(why: string): void {
    if (this.#closedWhy !== undefined) return;
    this.#closedWhy = why;
    this.#handlers?.onClose(why);
    this.#peer?.ended();
  }

  receive(bytes: Uint8Array): void {
    this.#incoming.push(bytes);
    this.#deliverSoon();
  }

  ended(): void {
    queueMicrotask(() => {
      this.#deliver();
      this.close("ended");
    });
  }

  #deliverSoon(): void {
    queueMicrotask(() => this.#deliver());
  }

  #deliver(): void {
    while (this.#reading && this.#handlers !== undefined && this.#closedWhy === undefined) {
      const bytes = this.#incoming.shift();
      if (bytes === undefined) return;
      this.#handlers.onData(bytes);
    }
  }
}

export function memoryPair(transport: TransportName, chunkBytes: number): readonly [MemoryStream, MemoryStream] {
  const dialled = new MemoryStream(transport, { host: "10.0.0.2", port: 2 }, chunkBytes);
  const accepted = new MemoryStream(transport, { host: "10.0.0.1", port: 1 }, chunkBytes);
  dialled.join(accepted);
  accepted.join(dialled);
  return [dialled, accepted];
}
