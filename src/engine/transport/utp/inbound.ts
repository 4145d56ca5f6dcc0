// The receiving half of a connection: puts payloads in order, holds them while the session does not read, and says
// how much room is left.

import type { UtpPacket } from "../../../wire/utp/packet.ts";
import { Reassembly } from "./reassembly.ts";

const RECEIVE_WINDOW_BYTES = 2 * 1024 * 1024;

export class Inbound {
  readonly #deliver: (payload: Uint8Array) => void;
  readonly #reassembly: Reassembly;
  readonly #held: Uint8Array[] = [];
  #heldBytes = 0;
  #reading = true;
  #finSequence: number | undefined;

  constructor(acknowledged: number, deliver: (payload: Uint8Array) => void) {
    this.#deliver = deliver;
    this.#reassembly = new Reassembly(acknowledged);
  }

  get acknowledged(): number {
    return this.#reassembly.acknowledged;
  }

  get roomBytes(): number {
    return Math.max(0, RECEIVE_WINDOW_BYTES - this.#heldBytes - this.#reassembly.earlyBytes);
  }

  get hasGap(): boolean {
    return this.#reassembly.hasGap;
  }

  selectiveAck(): Uint8Array | undefined {
    return this.#reassembly.selectiveAck();
  }

  /** Everything up to the peer's FIN was delivered. */
  get isFinished(): boolean {
    return this.#finSequence === this.#reassembly.acknowledged && this.#held.length === 0;
  }

  /** Takes a data or FIN packet; what is beyond the window is dropped and comes again. */
  accept(packet: UtpPacket): void {
    if (packet.type === "fin") this.#finSequence ??= packet.sequence;
    if (packet.payload.length > this.roomBytes) return;
    if (this.#reassembly.accept(packet.sequence, packet.payload, this.roomBytes) !== "next") return;
    this.#pass(packet.payload);
    for (let next = this.#reassembly.takeNext(); next !== undefined; next = this.#reassembly.takeNext()) {
      this.#pass(next);
    }
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    while (this.#reading) {
      const payload = this.#held.shift();
      if (payload === undefined) return;
      this.#heldBytes -= payload.length;
      this.#deliver(payload);
    }
  }

  clear(): void {
    this.#reading = false;
    this.#held.length = 0;
    this.#heldBytes = 0;
  }

  #pass(payload: Uint8Array): void {
    if (payload.length === 0) return;
    if (this.#reading) {
      this.#deliver(payload);
      return;
    }
    this.#held.push(Uint8Array.prototype.slice.call(payload));
    this.#heldBytes += payload.length;
  }
}
