// One end of a simulated TCP connection: bytes in order, at the sender's rate, after the distance; held by a wall.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { TcpHandlers, TcpSocket } from "../net.ts";
import type { SimNet } from "./net.ts";
import type { Sender } from "./uplink.ts";

/** A connection that gets no answer for this long is given up (Linux: net.ipv4.tcp_retries2). */
const SILENT_MS_MAX = 924_000;

type Packet = { readonly kind: "data"; readonly bytes: Uint8Array } | { readonly kind: "end"; readonly why: string };

export function connectedPair(net: SimNet, dialler: Endpoint, acceptor: Endpoint): [SimTcpSocket, SimTcpSocket] {
  const dialled = new SimTcpSocket(net, dialler, acceptor);
  const accepted = new SimTcpSocket(net, acceptor, dialler);
  dialled.other = accepted;
  accepted.other = dialled;
  return [dialled, accepted];
}

type Outgoing = { readonly bytes: Uint8Array; sentBytes: number; readonly flushed: (() => void) | undefined };

export class SimTcpSocket implements TcpSocket, Sender {
  readonly remote: Endpoint;
  readonly localHost: string;
  other: SimTcpSocket | undefined;
  readonly #net: SimNet;
  #handlers: TcpHandlers | undefined;
  /** Where the next bytes are read to. */
  #place: Uint8Array | undefined;
  #unsentBytes = 0;
  readonly #outbox: Outgoing[] = [];
  #reading = true;
  #at: "open" | "closed" | "vanished" = "open";
  #toldClosed = false;
  #closedWhy = "closed";
  /** Arrived here, not yet taken: reading is off, or nobody has started. */
  readonly #inbox: Packet[] = [];
  /** When the last packet has covered the distance: none overtakes it. */
  #arrivedAtMs = 0;
  /** Left the other end and stands before a wall. */
  readonly #held: Packet[] = [];

  constructor(net: SimNet, local: Endpoint, remote: Endpoint) {
    this.#net = net;
    this.localHost = local.host;
    this.remote = remote;
  }

  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  start(handlers: TcpHandlers): void {
    this.#handlers = handlers;
    if (this.#at === "closed") this.#net.clock.after(0, () => this.#tellClosed());
    this.#drainInbox();
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    if (this.#at !== "open") {
      flushed?.();
      return;
    }
    this.#unsentBytes += bytes.length;
    this.#outbox.push({ bytes, sentBytes: 0, flushed });
    this.#net.uplink(this.localHost).join(this);
  }

  nextBytes(bytesMax: number): number {
    const first = this.#outbox[0];
    return first === undefined ? 0 : Math.min(bytesMax, first.bytes.length - first.sentBytes);
  }

  left(count: number): void {
    const first = this.#outbox[0];
    if (first === undefined) return;
    // Copied when it leaves: until then it is the writer's, as with a real socket.
    const bytes = Uint8Array.from(first.bytes.subarray(first.sentBytes, first.sentBytes + count));
    first.sentBytes += count;
    this.#unsentBytes -= count;
    if (this.#at === "open") this.#travel({ kind: "data", bytes });
    if (first.sentBytes < first.bytes.length) return;
    this.#outbox.shift();
    first.flushed?.();
    if (this.#at === "open" && this.#unsentBytes === 0) this.#handlers?.onDrain();
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    if (reading) this.#drainInbox();
  }

  close(why: string): void {
    if (this.#at !== "open") return;
    this.#travel({ kind: "end", why: "ended" });
    this.#finish(why);
  }

  /** The machine is gone: nobody here hears anything any more, and the other end finds out by silence. */
  vanish(): void {
    this.#at = "vanished";
    this.#net.forget(this);
    this.#net.clock.after(SILENT_MS_MAX, () => this.other?.lost());
  }

  lost(): void {
    if (this.#at === "open") this.#finish("timed-out");
  }

  /** The wall may be gone: what waited before it goes on. */
  retry(): void {
    for (const packet of this.#held.splice(0)) this.arrive(packet);
  }

  #travel(packet: Packet): void {
    const { other } = this;
    const { clock, options } = this.#net;
    const bytes = packet.kind === "data" ? packet.bytes.length : 0;
    this.#arrivedAtMs = Math.max(this.#arrivedAtMs, clock.monotonicMs() + options.latencyMs + this.#net.repairMs());
    clock.after(this.#arrivedAtMs - clock.monotonicMs(), () => {
      const inMs = this.#net.arrivesAtMs(this.remote.host, bytes) - clock.monotonicMs();
      // A link that is free delays nothing: an event less for most packets.
      if (inMs > 0) clock.after(inMs, () => other?.arrive(packet));
      else other?.arrive(packet);
    });
  }

  /** A packet of the other end has covered the distance. */
  arrive(packet: Packet): void {
    if (this.#at !== "open") return;
    if (this.#held.length > 0 || !this.#net.reachable(this.remote.host, this.localHost)) {
      if (this.#held.push(packet) === 1) this.#net.clock.after(SILENT_MS_MAX, () => this.#giveUpIfHeld(packet));
      return;
    }
    this.#inbox.push(packet);
    this.#drainInbox();
  }

  #giveUpIfHeld(packet: Packet): void {
    if (this.#held.includes(packet)) this.lost();
  }

  #drainInbox(): void {
    while (this.#handlers !== undefined && this.#reading && this.#at === "open") {
      const packet = this.#inbox.shift();
      if (packet === undefined) return;
      if (packet.kind === "data") this.#read(packet.bytes, this.#handlers);
      else this.#finish(packet.why);
    }
  }

  // As from a real socket: bytes are read to where the reader said after the read before, whatever became of that place.
  #read(bytes: Uint8Array, handlers: TcpHandlers): void {
    const place = this.#place?.subarray(0, bytes.length);
    if (place !== undefined && place.length < bytes.length) {
      this.#inbox.unshift({ kind: "data", bytes: bytes.subarray(place.length) });
    }
    place?.set(bytes.subarray(0, place.length));
    handlers.onData(place ?? bytes);
    this.#place = handlers.place?.();
  }

  #finish(why: string): void {
    this.#at = "closed";
    for (const { flushed } of this.#outbox.splice(0)) flushed?.();
    this.#closedWhy = why;
    this.#net.forget(this);
    if (this.#handlers !== undefined) this.#net.clock.after(0, () => this.#tellClosed());
  }

  #tellClosed(): void {
    if (this.#toldClosed) return;
    this.#toldClosed = true;
    this.#handlers?.onClose(this.#closedWhy);
  }
}
