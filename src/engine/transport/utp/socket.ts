// All uTP connections of one UDP port: finds the connection of a datagram, opens new ones, drives their clocks.

import type { Endpoint } from "../../../domain/address/endpoint.ts";
import { decodeUtpPacket, encodeUtpPacket, UNSTAMPED, type UtpPacket } from "../../../wire/utp/packet.ts";
import { nextSequence } from "../../../wire/utp/sequence.ts";
import type { Clock, Timer } from "../../../world/clock.ts";
import type { Entropy } from "../../../world/entropy.ts";
import type { UdpSocket } from "../../../world/net.ts";
import type { Turn } from "../../../world/turn.ts";
import type { PeerStream } from "../transport.ts";
import { UtpStream, type UtpStreamOwner } from "./stream.ts";

const TICK_MS = 25;
const CONNECTIONS_MAX = 4000;
const CONNECTIONS_PER_HOST_MAX = 200;
const HALF_OPEN_MAX = 512;
const HALF_OPEN_PER_HOST_MAX = 16;
const RESETS_PER_TICK_MAX = 16;

export type UtpWorld = { readonly clock: Clock; readonly entropy: Entropy; readonly turn: Turn };

export type UtpAccepting = {
  readonly mayAccept: (remote: Endpoint) => boolean;
  readonly accept: (stream: PeerStream) => void;
};

type Entry = { readonly stream: UtpStream; readonly dialled: boolean; open: boolean; settle: (() => void) | undefined };

export class UtpSocket implements UtpStreamOwner {
  readonly #world: UtpWorld;
  readonly #udp: Pick<UdpSocket, "send" | "close">;
  readonly #accepting: UtpAccepting | undefined;
  /** By the id that datagrams for us carry; several peers may choose the same one. */
  readonly #byReceiveId = new Map<number, Entry[]>();
  readonly #entries = new Map<UtpStream, Entry>();
  readonly #perHost = new Map<string, { open: number; halfOpen: number }>();
  #halfOpen = 0;
  readonly #dirty = new Set<UtpStream>();
  #turnEnds = false;
  #ticking: Timer | undefined;
  #resetsLeft = RESETS_PER_TICK_MAX;

  constructor(world: UtpWorld, udp: Pick<UdpSocket, "send" | "close">, accepting: UtpAccepting | undefined) {
    this.#world = world;
    this.#udp = udp;
    this.#accepting = accepting;
  }

  get connectionCount(): number {
    return this.#entries.size;
  }

  /** `settled` is called when the stream is connected or closed, whichever comes first. */
  dial(remote: Endpoint, settled: () => void): UtpStream | undefined {
    if (this.#entries.size >= CONNECTIONS_MAX) return undefined;
    const receiveId = this.#freeReceiveId(remote);
    const stream = new UtpStream(this, remote, { role: "dialled", receiveId }, this.#nowMs());
    this.#add({ stream, dialled: true, open: false, settle: settled });
    return stream;
  }

  /** True when the datagram was a uTP packet: other protocols share the port. */
  receive(bytes: Uint8Array, from: Endpoint): boolean {
    const packet = decodeUtpPacket(bytes);
    if (packet === undefined) return false;
    const entry = this.#find(packet, from);
    if (entry !== undefined) entry.stream.connection.receive(packet, this.#nowMs());
    else if (packet.type === "syn") this.#acceptSyn(packet, from);
    else if (packet.type !== "reset") this.#refuse(packet, from);
    return true;
  }

  close(): void {
    for (const stream of this.#entries.keys()) stream.close("closed");
    this.#udp.close();
  }

  transmit(datagram: Uint8Array, to: Endpoint): void {
    this.#udp.send(datagram, to);
  }

  dirty(stream: UtpStream): void {
    this.#dirty.add(stream);
    if (this.#turnEnds) return;
    this.#turnEnds = true;
    this.#world.turn.end(() => this.#flush());
  }

  connected(stream: UtpStream): void {
    const entry = this.#entries.get(stream);
    if (entry === undefined) return;
    this.#countOpen(entry);
    entry.settle?.();
    entry.settle = undefined;
    if (!entry.dialled) this.#accepting?.accept(stream);
  }

  closed(stream: UtpStream): void {
    const entry = this.#entries.get(stream);
    if (entry === undefined) return;
    this.#remove(entry);
    entry.settle?.();
  }

  #acceptSyn(syn: UtpPacket, from: Endpoint): void {
    const host = this.#perHost.get(from.host);
    const full =
      this.#entries.size >= CONNECTIONS_MAX ||
      this.#halfOpen >= HALF_OPEN_MAX ||
      (host?.halfOpen ?? 0) >= HALF_OPEN_PER_HOST_MAX ||
      (host?.open ?? 0) >= CONNECTIONS_PER_HOST_MAX;
    // No answer at all: a refusal would tell that somebody listens here.
    if (full || from.port === 0 || this.#accepting?.mayAccept(from) !== true) return;
    const opening = { role: "accepted", syn, firstSequence: this.#random16() } as const;
    const stream = new UtpStream(this, from, opening, this.#nowMs());
    this.#add({ stream, dialled: false, open: false, settle: undefined });
  }

  // As long as the packet that caused it at most, and only a few a tick: no use for reflection (H72).
  #refuse(packet: UtpPacket, to: Endpoint): void {
    if (this.#resetsLeft === 0) return;
    this.#resetsLeft -= 1;
    const header = {
      type: "reset",
      connectionId: packet.connectionId,
      ...UNSTAMPED,
      sequence: this.#random16(),
      acknowledged: packet.sequence,
      selectiveAck: undefined,
    } as const;
    this.#udp.send(encodeUtpPacket(header, new Uint8Array(0)), to);
    this.#startTicking();
  }

  #flush(): void {
    this.#turnEnds = false;
    const nowMs = this.#nowMs();
    const streams = [...this.#dirty];
    this.#dirty.clear();
    for (const stream of streams) stream.connection.flush(nowMs);
  }

  #tick(): void {
    const nowMs = this.#nowMs();
    this.#resetsLeft = RESETS_PER_TICK_MAX;
    for (const stream of this.#entries.keys()) stream.connection.tick(nowMs);
    if (this.#entries.size > 0) return;
    this.#ticking?.cancel();
    this.#ticking = undefined;
  }

  #startTicking(): void {
    this.#ticking ??= this.#world.clock.every(TICK_MS, () => this.#tick());
  }

  #find(packet: UtpPacket, from: Endpoint): Entry | undefined {
    const { connectionId, type } = packet;
    if (type === "syn") return this.#entryOf(nextSequence(connectionId), from);
    const entry = this.#entryOf(connectionId, from);
    if (entry !== undefined || type !== "reset") return entry;
    // A refusal echoes the id that we sent, which lies one beside the id that we receive.
    const below = this.#entryOf(nextSequence(connectionId, 0xffff), from);
    const beside = below ?? this.#entryOf(nextSequence(connectionId), from);
    return beside?.stream.connection.sendId === connectionId ? beside : undefined;
  }

  #entryOf(receiveId: number, from: Endpoint): Entry | undefined {
    const entries = this.#byReceiveId.get(receiveId);
    if (entries === undefined) return undefined;
    for (const entry of entries) {
      const { host, port } = entry.stream.remote;
      if (port === from.port && host === from.host) return entry;
    }
    return undefined;
  }

  #add(entry: Entry): void {
    const { receiveId } = entry.stream.connection;
    const sameId = this.#byReceiveId.get(receiveId);
    if (sameId === undefined) this.#byReceiveId.set(receiveId, [entry]);
    else sameId.push(entry);
    this.#entries.set(entry.stream, entry);
    const { host } = entry.stream.remote;
    const count = this.#perHost.get(host) ?? { open: 0, halfOpen: 0 };
    this.#perHost.set(host, count);
    if (!entry.dialled) {
      count.halfOpen += 1;
      this.#halfOpen += 1;
    }
    this.dirty(entry.stream);
    this.#startTicking();
  }

  #countOpen(entry: Entry): void {
    const count = this.#perHost.get(entry.stream.remote.host);
    if (count === undefined || entry.open) return;
    entry.open = true;
    count.open += 1;
    if (entry.dialled) return;
    count.halfOpen -= 1;
    this.#halfOpen -= 1;
  }

  #remove(entry: Entry): void {
    const { stream, dialled, open } = entry;
    this.#entries.delete(stream);
    this.#dirty.delete(stream);
    const { receiveId } = stream.connection;
    const others = (this.#byReceiveId.get(receiveId) ?? []).filter((other) => other !== entry);
    if (others.length > 0) this.#byReceiveId.set(receiveId, others);
    else this.#byReceiveId.delete(receiveId);
    const count = this.#perHost.get(stream.remote.host);
    if (count === undefined) return;
    if (open) count.open -= 1;
    else if (!dialled) {
      count.halfOpen -= 1;
      this.#halfOpen -= 1;
    }
    if (count.open <= 0 && count.halfOpen <= 0) this.#perHost.delete(stream.remote.host);
  }

  #freeReceiveId(remote: Endpoint): number {
    for (;;) {
      const id = this.#random16();
      if (this.#entryOf(id, remote) === undefined) return id;
    }
  }

  #random16(): number {
    const [high = 0, low = 0] = this.#world.entropy.bytes(2);
    return (high << 8) | low;
  }

  #nowMs(): number {
    return this.#world.clock.monotonicMs();
  }
}
