// How large a datagram may be. Larger ones save work; too large ones are fragmented or vanish without a word where routers'
// messages are blocked. A packet of uTP has one number for all its bytes and cannot be cut when it is repeated, so none is
// larger than what a packet has already come through with: it starts with what every path must carry and searches upwards
// with padded packets, which are repeated without their padding (RFC 4821, RFC 8899).

import { UTP_PADDING_BYTES_MAX } from "../../../wire/utp/packet.ts";

/** UDP payload bytes: 576 − 28 (RFC 791: what every host takes), 1280 − 48 (RFC 8200: the least MTU). */
const BASE_BYTES = { 4: 548, 6: 1232 } as const;
/** Plain Ethernet. */
const CEILING_BYTES = { 4: 1472, 6: 1452 } as const;
/** Nearly every path that carries less than Ethernet, such as a tunnel, carries this. */
const COMMON_BYTES = 1232;
/** The search stops when the two bounds are this close. */
const CLOSE_BYTES = 16;
/** A probe may be lost by chance; twice in a row is taken for its size. */
const LOSSES_MAX = 2;

export class PathMtu {
  readonly #baseBytes: number;
  #floor: number;
  #ceiling: number;
  #probing = false;
  #isFirstSize = true;
  /** Of probes of the present size. */
  #losses = 0;

  constructor(family: 4 | 6) {
    this.#baseBytes = BASE_BYTES[family];
    this.#floor = this.#baseBytes;
    this.#ceiling = CEILING_BYTES[family];
  }

  /** The size of ordinary packets. */
  get packetBytes(): number {
    return this.#floor;
  }

  /** The size of a probe to send now; undefined while one is out or when nothing is left to learn. */
  probeBytes(): number | undefined {
    if (this.#probing || this.#ceiling - this.#floor < CLOSE_BYTES) return undefined;
    return Math.min(this.#wantedBytes(), this.#floor + UTP_PADDING_BYTES_MAX);
  }

  probeSent(): void {
    this.#probing = true;
  }

  probeArrived(bytes: number): void {
    this.#probing = false;
    this.#losses = 0;
    this.#floor = Math.max(this.#floor, bytes);
  }

  /** Only the probe was lost, its neighbours arrived. */
  probeLost(bytes: number): void {
    this.#probing = false;
    this.#losses += 1;
    if (this.#losses < LOSSES_MAX) return;
    this.#losses = 0;
    this.#isFirstSize = false;
    this.#ceiling = Math.max(this.#floor, bytes - 1);
  }

  /** Packets of the size that came through before vanish again and again: the path has changed. */
  blackHole(): void {
    this.#probing = false;
    this.#losses = 0;
    if (this.#floor === this.#baseBytes) return;
    this.#ceiling = this.#floor;
    this.#floor = this.#baseBytes;
  }

  // Most paths are plain Ethernet: ask for the whole first.
  #wantedBytes(): number {
    if (this.#isFirstSize) return this.#ceiling;
    if (this.#floor < COMMON_BYTES && this.#ceiling > COMMON_BYTES) return COMMON_BYTES;
    return Math.ceil((this.#floor + this.#ceiling) / 2);
  }
}
