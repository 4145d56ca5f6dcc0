// Payloads that arrived before their turn, and what to tell the sender about them. Bounded in packets and in bytes.

import { nextSequence, sequenceDistance } from "../../../wire/utp/sequence.ts";

const EARLY_PACKETS_MAX = 2000;

export class Reassembly {
  /** The last sequence number that was received in order. */
  #acknowledged: number;
  readonly #early = new Map<number, Uint8Array>();
  #earlyBytes = 0;
  #farthest = 0;

  constructor(acknowledged: number) {
    this.#acknowledged = acknowledged;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get earlyBytes(): number {
    return this.#earlyBytes;
  }

  get hasGap(): boolean {
    return this.#early.size > 0;
  }

  /** `next` is delivered by the caller right away; `early` was copied and kept; `known` had arrived before. */
  accept(sequence: number, payload: Uint8Array, roomBytes: number): "next" | "early" | "known" | "beyond" {
    const ahead = sequenceDistance(this.#acknowledged, sequence);
    if (ahead <= 0) return "known";
    if (ahead === 1) {
      this.#acknowledged = sequence;
      return "next";
    }
    if (this.#early.has(sequence)) return "known";
    if (ahead > EARLY_PACKETS_MAX || this.#earlyBytes + payload.length > roomBytes) return "beyond";
    this.#early.set(sequence, Uint8Array.prototype.slice.call(payload));
    this.#earlyBytes += payload.length;
    if (this.#early.size === 1 || sequenceDistance(this.#farthest, sequence) > 0) this.#farthest = sequence;
    return "early";
  }

  /** The payload whose turn has come now, if it is already here. */
  takeNext(): Uint8Array | undefined {
    if (this.#early.size === 0) return undefined;
    const sequence = nextSequence(this.#acknowledged);
    const payload = this.#early.get(sequence);
    if (payload === undefined) return undefined;
    this.#early.delete(sequence);
    this.#earlyBytes -= payload.length;
    this.#acknowledged = sequence;
    return payload;
  }

  /** BEP 29: bit i, lowest bit of the first byte first, is packet `acknowledged + 2 + i`; a multiple of four bytes. */
  selectiveAck(): Uint8Array | undefined {
    if (this.#early.size === 0) return undefined;
    const bits = sequenceDistance(this.#acknowledged, this.#farthest) - 1;
    const mask = new Uint8Array(Math.ceil(bits / 32) * 4);
    for (const sequence of this.#early.keys()) {
      const bit = sequenceDistance(this.#acknowledged, sequence) - 2;
      mask[bit >> 3] = (mask[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
    return mask;
  }
}
