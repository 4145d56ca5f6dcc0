// Packets that were sent and are not acknowledged yet: what may be in the network, what is lost, what arrived early.
// A packet is taken for lost when three that were *sent* later have arrived; because every transmission has its own
// place in that order, the loss of a repetition is seen as soon as the loss of an original (RACK, RFC 8985).

import { assert } from "../../../base/assert.ts";
import { nextSequence, sequenceDistance } from "../../../wire/utp/sequence.ts";

/** A selective ack reaches 2016 packets far; more in flight could not be reported. */
const FLIGHT_PACKETS_MAX = 2000;
const SLOTS = 2048;
const REORDERED_PACKETS_MAX = 3;

export type FlightPacket = {
  readonly sequence: number;
  /** Header and payload; the header is stamped anew each time. */
  readonly datagram: Buffer;
  /** The padded size, where this packet asks whether the path carries that much; until it is known. */
  probeBytes: number | undefined;
  fate: "flying" | "lost" | "arrived";
  transmissions: number;
  sentMs: number;
  /** Rises with every transmission of any packet. */
  order: number;
};

export type Acknowledgement = { readonly acknowledged: number; readonly selectiveAck: Uint8Array | undefined };

export type Arrivals = {
  readonly bytes: number;
  /** Of the packet that was sent last, if it was sent only once. */
  readonly rttMs: number | undefined;
  readonly probeBytes: number | undefined;
};

export type Losses = {
  readonly packets: number;
  readonly newestOrder: number;
  readonly probeBytes: number | undefined;
};

export class Flight {
  readonly #slots: (FlightPacket | undefined)[] = [];
  #oldest: number;
  #count = 0;
  #order = 0;
  #arrivedOrder = 0;
  #flyingBytes = 0;
  #lostCount = 0;
  /** Whether some packet before the newest arrived one is missing or was repeated. */
  #hasGap = false;

  constructor(firstSequence: number) {
    this.#oldest = firstSequence;
  }

  get count(): number {
    return this.#count;
  }

  get flyingBytes(): number {
    return this.#flyingBytes;
  }

  get isFull(): boolean {
    return this.#count >= FLIGHT_PACKETS_MAX;
  }

  get lostCount(): number {
    return this.#lostCount;
  }

  get nextSequence(): number {
    return nextSequence(this.#oldest, this.#count);
  }

  /** Adds the packet of `nextSequence`; `sent` must follow. */
  add(datagram: Buffer, probeBytes?: number): FlightPacket {
    assert(!this.isFull, "room in the flight");
    const sequence = this.nextSequence;
    const packet: FlightPacket = {
      sequence,
      datagram,
      probeBytes,
      fate: "lost",
      transmissions: 0,
      sentMs: 0,
      order: 0,
    };
    this.#slots[sequence % SLOTS] = packet;
    this.#count += 1;
    this.#lostCount += 1;
    return packet;
  }

  sent(packet: FlightPacket, nowMs: number): void {
    if (packet.fate === "lost") {
      this.#lostCount -= 1;
      this.#flyingBytes += packet.datagram.length;
      packet.fate = "flying";
    }
    this.#order += 1;
    packet.order = this.#order;
    packet.sentMs = nowMs;
    packet.transmissions += 1;
    if (packet.transmissions > 1) this.#hasGap = true;
  }

  /** The order of the latest transmission: a loss of anything sent before it belongs to the same event. */
  get latestOrder(): number {
    return this.#order;
  }

  /** The lost packet to repeat next. */
  firstLost(): FlightPacket | undefined {
    if (this.#lostCount === 0) return undefined;
    return this.#find((packet) => packet.fate === "lost");
  }

  /** The newest packet that is still out: repeating it makes the peer tell what it has. */
  lastFlying(): FlightPacket | undefined {
    for (let back = 1; back <= this.#count; back++) {
      const packet = this.#slots[nextSequence(this.#oldest, this.#count - back) % SLOTS];
      if (packet?.fate === "flying") return packet;
    }
    return undefined;
  }

  /** undefined when `acknowledged` names packets that were never sent: the whole packet is then not believed. */
  arrived({ acknowledged, selectiveAck }: Acknowledgement, nowMs: number, roundTripMs: number): Arrivals | undefined {
    const inOrder = sequenceDistance(this.#oldest, acknowledged) + 1;
    if (inOrder > this.#count) return undefined;
    let bytes = 0;
    let probeBytes: number | undefined;
    let newest: FlightPacket | undefined;
    const note = (packet: FlightPacket | undefined) => {
      if (packet === undefined || packet.fate === "arrived") return;
      bytes += packet.datagram.length;
      probeBytes ??= packet.probeBytes;
      this.#land(packet);
      // The answer may belong to an earlier transmission: too soon after the last one, it proves nothing of its order.
      const believable = packet.transmissions === 1 || nowMs - packet.sentMs >= roundTripMs / 2;
      if (believable && packet.order > (newest?.order ?? 0)) newest = packet;
    };
    for (let n = 0; n < inOrder; n++) {
      const slot = this.#oldest % SLOTS;
      note(this.#slots[slot]);
      this.#slots[slot] = undefined;
      this.#oldest = nextSequence(this.#oldest);
      this.#count -= 1;
    }
    if (selectiveAck !== undefined && inOrder >= 0) this.#arrivedEarly(selectiveAck, note);
    this.#arrivedOrder = Math.max(this.#arrivedOrder, newest?.order ?? 0);
    if (this.#count === 0) this.#hasGap = false;
    return { bytes, rttMs: newest?.transmissions === 1 ? nowMs - newest.sentMs : undefined, probeBytes };
  }

  /** Marks what three later transmissions have overtaken. */
  findLosses(): Losses {
    let packets = 0;
    let newestOrder = 0;
    let probeBytes: number | undefined;
    if (!this.#hasGap) return { packets, newestOrder, probeBytes };
    for (let n = 0; n < this.#count; n++) {
      const packet = this.#slots[nextSequence(this.#oldest, n) % SLOTS];
      if (packet?.fate !== "flying" || packet.order + REORDERED_PACKETS_MAX > this.#arrivedOrder) continue;
      this.#lose(packet);
      if (packet.probeBytes !== undefined) {
        probeBytes = packet.probeBytes;
        packet.probeBytes = undefined;
        continue;
      }
      packets += 1;
      newestOrder = Math.max(newestOrder, packet.order);
    }
    return { packets, newestOrder, probeBytes };
  }

  /** A timeout: nothing is in the network any more. Returns a lost probe's size. */
  loseAll(): number | undefined {
    let probeBytes: number | undefined;
    for (let n = 0; n < this.#count; n++) {
      const packet = this.#slots[nextSequence(this.#oldest, n) % SLOTS];
      if (packet?.fate !== "flying") continue;
      probeBytes ??= packet.probeBytes;
      packet.probeBytes = undefined;
      this.#lose(packet);
    }
    return probeBytes;
  }

  clear(): void {
    this.#slots.length = 0;
    this.#count = 0;
    this.#flyingBytes = 0;
    this.#lostCount = 0;
  }

  #arrivedEarly(selectiveAck: Uint8Array, note: (packet: FlightPacket | undefined) => void): void {
    // Bit 0 stands for the packet after the first missing one (BEP 29).
    for (let index = 0; index < selectiveAck.length; index++) {
      let bits = selectiveAck[index] ?? 0;
      for (let offset = index * 8 + 1; bits !== 0; offset++, bits >>= 1) {
        if ((bits & 1) === 0) continue;
        this.#hasGap = true;
        if (offset < this.#count) note(this.#slots[nextSequence(this.#oldest, offset) % SLOTS]);
      }
    }
  }

  #land(packet: FlightPacket): void {
    if (packet.fate === "flying") this.#flyingBytes -= packet.datagram.length;
    else this.#lostCount -= 1;
    packet.fate = "arrived";
  }

  #lose(packet: FlightPacket): void {
    packet.fate = "lost";
    this.#flyingBytes -= packet.datagram.length;
    this.#lostCount += 1;
  }

  #find(matches: (packet: FlightPacket) => boolean): FlightPacket | undefined {
    for (let n = 0; n < this.#count; n++) {
      const packet = this.#slots[nextSequence(this.#oldest, n) % SLOTS];
      if (packet !== undefined && matches(packet)) return packet;
    }
    return undefined;
  }
}
