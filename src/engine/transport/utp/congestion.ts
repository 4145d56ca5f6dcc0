// LEDBAT (RFC 6817): as fast as the path allows while nobody else needs it. The window grows while packets wait less
// than 100 ms in queues and shrinks when they wait longer, which is before a loss-based sender (TCP) would notice.
// In a queue that overflows before that, half of what it holds is the target.
// Above the target it shrinks in proportion to the window, as LEDBAT++ does: by a constant it would take seconds to yield.

const TARGET_US_MAX = 100_000;
/** Below this, timers and busy machines would be taken for queues. */
const TARGET_US_MIN = 25_000;
/** A loss while the queue is this close to the fullest that was seen is taken for its overflow. */
const OVERFLOW_FRACTION = 0.9;
const GAIN_BYTES_PER_ROUND = 3000;
const WINDOW_PACKETS_MIN = 2;
/** Four packets of what nearly every path carries, whatever is known of this one yet (RFC 6928 allows three times that). */
const WINDOW_BYTES_FIRST = 4 * 1232;
const WINDOW_BYTES_MAX = 4 * 1024 * 1024;

export type Acknowledged = {
  readonly bytes: number;
  /** Time spent in queues on the way to the peer. */
  readonly delayUs: number;
  /** Whether the window was what held the sender back: an idle sender must not save up a large window. */
  readonly windowWasFull: boolean;
};

export class Ledbat {
  #packetBytes: number;
  #windowBytes: number;
  #thresholdBytes = WINDOW_BYTES_MAX;
  #targetUs = TARGET_US_MAX;
  #delayUs = 0;
  #delayUsMax = 0;

  constructor(packetBytes: number) {
    this.#packetBytes = packetBytes;
    this.#windowBytes = WINDOW_BYTES_FIRST;
  }

  get windowBytes(): number {
    return this.#windowBytes;
  }

  get slowStart(): boolean {
    return this.#windowBytes < this.#thresholdBytes;
  }

  setPacketBytes(packetBytes: number): void {
    this.#packetBytes = packetBytes;
    this.#resize(this.#windowBytes);
  }

  acknowledged({ bytes, delayUs, windowWasFull }: Acknowledged): void {
    const window = this.#windowBytes;
    const share = Math.min(1, bytes / window);
    this.#delayUs = delayUs;
    this.#delayUsMax = Math.max(this.#delayUsMax, delayUs);
    const excess = delayUs / this.#targetUs - 1;
    if (excess > 0) {
      this.#thresholdBytes = Math.min(this.#thresholdBytes, window);
      this.#resize(window - share * window * Math.min(0.5, excess));
    } else if (windowWasFull) {
      this.#resize(window + (this.slowStart ? bytes : GAIN_BYTES_PER_ROUND * share * -excess));
    }
  }

  /** Halves the window; the caller calls once a round trip, however many packets were lost in it. */
  lost(): void {
    this.#noteOverflow();
    this.#resize(this.#windowBytes / 2);
    this.#thresholdBytes = this.#windowBytes;
  }

  /** Nothing came back for a whole timeout: start again from the smallest window. */
  timedOut(): void {
    const half = this.#windowBytes / 2;
    this.#resize(0);
    this.#thresholdBytes = Math.max(half, this.#windowBytes);
  }

  // A queue that is full before packets wait 100 ms in it would never tell us to yield. A loss in a queue that is known
  // to hold more says nothing of its size; but what was seen long ago may be another path's, so it fades with each loss.
  #noteOverflow(): void {
    if (this.#delayUs < OVERFLOW_FRACTION * this.#delayUsMax) this.#delayUsMax *= OVERFLOW_FRACTION;
    else this.#targetUs = Math.min(TARGET_US_MAX, Math.max(TARGET_US_MIN, this.#delayUsMax / 2));
  }

  #resize(bytes: number): void {
    this.#windowBytes = Math.min(WINDOW_BYTES_MAX, Math.max(WINDOW_PACKETS_MIN * this.#packetBytes, bytes));
  }
}
