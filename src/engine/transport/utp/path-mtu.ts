// How large a datagram may be. Larger ones save work; too large ones are fragmented or vanish. Starts with what every
// IPv6 path must carry and searches upwards with packets that are allowed to be lost (RFC 4821).

import { UTP_PADDING_BYTES_MAX } from "../../../wire/utp/packet.ts";

/** UDP payload bytes. 1280 (the least IPv6 MTU) − 48. */
const FLOOR_BYTES = 1232;
/** For paths that lose even those: 576 − 28, what BEP 29's implementations fall back to. */
const FALLBACK_BYTES = 548;
const CEILING_BYTES = { 4: 1472, 6: 1452 } as const;
/** The search stops when the two bounds are this close. */
const CLOSE_BYTES = 16;

export class PathMtu {
  #floor = FLOOR_BYTES;
  #ceiling: number;
  #probing = false;
  #firstProbe = true;

  constructor(family: 4 | 6) {
    this.#ceiling = CEILING_BYTES[family];
  }

  /** The size of ordinary packets. */
  get packetBytes(): number {
    return this.#floor;
  }

  /** The size of a probe to send now; undefined while one is out or when nothing is left to learn. */
  probeBytes(): number | undefined {
    if (this.#probing || this.#ceiling - this.#floor < CLOSE_BYTES) return undefined;
    // Most paths are plain Ethernet: ask for the whole first.
    const wanted = this.#firstProbe ? this.#ceiling : Math.ceil((this.#floor + this.#ceiling) / 2);
    return Math.min(wanted, this.#floor + UTP_PADDING_BYTES_MAX);
  }

  probeSent(): void {
    this.#probing = true;
    this.#firstProbe = false;
  }

  probeArrived(bytes: number): void {
    this.#probing = false;
    this.#floor = Math.max(this.#floor, bytes);
  }

  /** Only the probe was lost, its neighbours arrived. */
  probeLost(bytes: number): void {
    this.#probing = false;
    this.#ceiling = Math.max(this.#floor, bytes - 1);
  }

  /** Packets of the ordinary size vanish again and again: this path carries less. */
  blackHole(): void {
    this.#probing = false;
    this.#ceiling = this.#floor;
    this.#floor = FALLBACK_BYTES;
  }
}
