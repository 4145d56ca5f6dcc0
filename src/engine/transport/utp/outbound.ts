// The sending half of a connection: cuts what the session wrote into packets, keeps as many in flight as the path and
// the peer allow, repeats what is lost.

import { padUtpPacket, UNSTAMPED, UTP_HEADER_BYTES, type UtpPacket, writeUtpHeader } from "../../../wire/utp/packet.ts";
import { Ledbat } from "./congestion.ts";
import { DelayHistory } from "./delay.ts";
import { Flight, type FlightPacket } from "./flight.ts";
import { Outbox } from "./outbox.ts";
import { PathMtu } from "./path-mtu.ts";
import { RoundTrip } from "./round-trip.ts";
import { Slab } from "./slab.ts";

/** Timeouts in a row without any sign of the peer. */
const TIMEOUTS_MAX = 6;
/** Two of our own probes at their slowest. */
const SLOW_ANSWER_MS_MAX = 60_000;
const TAIL_PROBE_MS_MIN = 20;
/** A probe for a larger packet needs neighbours whose arrival shows its loss. */
const PROBE_NEIGHBOURS = 4;

export type OutboundOptions = {
  readonly connectionId: number;
  readonly firstSequence: number;
  readonly family: 4 | 6;
  readonly nowMs: number;
  /** The datagram's times, window and acknowledgement are still to be stamped. */
  readonly transmit: (datagram: Buffer, nowMs: number) => void;
  readonly drained: () => void;
};

export class Outbound {
  readonly #options: OutboundOptions;
  readonly #outbox = new Outbox();
  readonly #flight: Flight;
  readonly #mtu: PathMtu;
  readonly #congestion: Ledbat;
  readonly #delays = new DelayHistory();
  readonly #roundTrip = new RoundTrip();
  readonly #slab = new Slab();
  #peerWindowBytes = 0;
  #windowProbed = false;
  #windowWasFull = false;
  #timeouts = 0;
  #tailProbed = false;
  #lastCutOrder = 0;
  /** When the peer last acknowledged something new, or a flight began. */
  #progressMs: number;
  #heardMs: number;

  constructor(options: OutboundOptions) {
    this.#options = options;
    this.#flight = new Flight(options.firstSequence);
    this.#mtu = new PathMtu(options.family);
    this.#congestion = new Ledbat(this.#mtu.packetBytes);
    this.#progressMs = options.nowMs;
    this.#heardMs = options.nowMs;
  }

  get unsentBytes(): number {
    return this.#outbox.bytes;
  }

  get windowBytes(): number {
    return this.#congestion.windowBytes;
  }

  get packetBytes(): number {
    return this.#mtu.packetBytes;
  }

  get nextSequence(): number {
    return this.#flight.nextSequence;
  }

  get isIdle(): boolean {
    return this.#flight.count === 0 && this.#outbox.bytes === 0;
  }

  write(bytes: Uint8Array, flushed: (() => void) | undefined): void {
    this.#outbox.push(bytes, flushed);
  }

  /** Notes what the packet says about our own packets; false when it cannot be true. */
  acknowledge(packet: UtpPacket, nowMs: number): boolean {
    const arrivals = this.#flight.arrived(packet, nowMs, this.#roundTrip.smoothedMs);
    if (arrivals === undefined) return false;
    this.#heardMs = nowMs;
    this.#peerWindowBytes = packet.windowBytes;
    this.#windowProbed = false;
    if (arrivals.probeBytes !== undefined) {
      this.#mtu.probeArrived(arrivals.probeBytes);
      this.#congestion.setPacketBytes(this.#mtu.packetBytes);
    }
    if (arrivals.rttMs !== undefined) this.#roundTrip.sample(arrivals.rttMs);
    if (arrivals.bytes > 0) {
      this.#progressMs = nowMs;
      this.#timeouts = 0;
      this.#tailProbed = false;
      const queueingUs = packet.delayUs === 0 ? 0 : this.#delays.add(packet.delayUs, nowMs);
      // No packet can have waited longer than its whole round trip: a clock that jumped must not stop us.
      const delayUs = Math.min(queueingUs, (arrivals.rttMs ?? this.#roundTrip.smoothedMs) * 1000);
      this.#congestion.acknowledged({ bytes: arrivals.bytes, delayUs, windowWasFull: this.#windowWasFull });
    }
    this.#noticeLosses();
    return true;
  }

  /** Repeats what is lost, then sends what is new, while the windows allow. True when anything left. */
  send(nowMs: number): boolean {
    let sent = false;
    this.#windowWasFull = false;
    for (;;) {
      const lost = this.#flight.firstLost();
      const bytes = lost === undefined ? this.#nextDatagramBytes() : lost.datagram.length;
      if (bytes === 0) return sent;
      if (!this.#mayFly(bytes)) {
        this.#windowWasFull = true;
        return sent;
      }
      this.#transmit(lost ?? this.#nextPacket(bytes), nowMs);
      sent = true;
      if (lost === undefined && this.#outbox.bytes === 0) this.#options.drained();
    }
  }

  /** "dead": the peer has not shown itself for many timeouts; "again": something is lost, call `send`. */
  tick(nowMs: number): "fine" | "again" | "dead" {
    if (this.isIdle) return "fine";
    const silentMs = nowMs - this.#progressMs;
    if (silentMs > this.#roundTrip.timeoutMs) return this.#timeOut(nowMs);
    if (!this.#tailProbed && silentMs > Math.max(TAIL_PROBE_MS_MIN, 2 * this.#roundTrip.smoothedMs)) {
      this.#probeTail(nowMs);
    }
    return "fine";
  }

  clear(): void {
    this.#flight.clear();
    this.#outbox.clear();
  }

  #noticeLosses(): void {
    const losses = this.#flight.findLosses();
    if (losses.probeBytes !== undefined) this.#mtu.probeLost(losses.probeBytes);
    // All that was in flight at the last cut belongs to the same congestion: one cut a round trip.
    if (losses.packets === 0 || losses.newestOrder <= this.#lastCutOrder) return;
    this.#lastCutOrder = this.#flight.latestOrder;
    this.#congestion.lost();
  }

  // The path always takes one packet, however small its window became; the peer's word is kept.
  #mayFly(bytes: number): boolean {
    const flying = this.#flight.flyingBytes;
    if (flying === 0 && this.#windowProbed) return true;
    if (flying + bytes > this.#peerWindowBytes) return false;
    return flying === 0 || flying + bytes <= this.#congestion.windowBytes;
  }

  #nextDatagramBytes(): number {
    if (this.#outbox.bytes === 0 || this.#flight.isFull) return 0;
    return Math.min(this.#mtu.packetBytes, this.#outbox.bytes + UTP_HEADER_BYTES);
  }

  #nextPacket(datagramBytes: number): FlightPacket {
    const datagram = this.#slab.allocate(datagramBytes);
    writeUtpHeader(datagram, {
      type: "data",
      connectionId: this.#options.connectionId,
      sequence: this.#flight.nextSequence,
      ...UNSTAMPED,
      selectiveAck: undefined,
    });
    this.#outbox.take(datagram, UTP_HEADER_BYTES, datagramBytes - UTP_HEADER_BYTES);
    const isFull = datagramBytes === this.#mtu.packetBytes && this.#flight.count >= PROBE_NEIGHBOURS;
    const probeBytes = isFull ? this.#mtu.probeBytes() : undefined;
    if (probeBytes !== undefined) this.#mtu.probeSent();
    return this.#flight.add(datagram, probeBytes);
  }

  #transmit(packet: FlightPacket, nowMs: number): void {
    if (this.#flight.flyingBytes === 0) this.#progressMs = nowMs;
    this.#flight.sent(packet, nowMs);
    const { datagram, probeBytes } = packet;
    // Padding can be left out when the packet is repeated; a larger payload could not be cut smaller.
    this.#options.transmit(probeBytes === undefined ? datagram : padUtpPacket(datagram, probeBytes), nowMs);
  }

  #timeOut(nowMs: number): "again" | "dead" {
    this.#timeouts += 1;
    // A peer whose window is closed and who still answers is only slow (its disk, its limits).
    const isSlow = this.#peerWindowBytes < this.#mtu.packetBytes && nowMs - this.#heardMs <= SLOW_ANSWER_MS_MAX;
    if (this.#timeouts > TIMEOUTS_MAX && !isSlow) return "dead";
    const probeBytes = this.#flight.loseAll();
    if (probeBytes !== undefined) this.#mtu.probeLost(probeBytes);
    else if (this.#timeouts === 2 && this.#peerWindowBytes > this.#mtu.packetBytes) this.#mtu.blackHole();
    this.#congestion.setPacketBytes(this.#mtu.packetBytes);
    this.#congestion.timedOut();
    this.#roundTrip.backOff();
    this.#progressMs = nowMs;
    this.#tailProbed = false;
    // One packet is tried even into a closed window: the message that opened it may be the one that was lost.
    this.#windowProbed = true;
    return "again";
  }

  // The last packets of a burst have no later ones that would show their loss: repeat the newest and see (RFC 8985).
  #probeTail(nowMs: number): void {
    this.#tailProbed = true;
    const packet = this.#flight.lastFlying();
    if (packet === undefined) return;
    if (packet.probeBytes !== undefined) this.#mtu.probeLost(packet.probeBytes);
    packet.probeBytes = undefined;
    this.#transmit(packet, nowMs);
  }
}
