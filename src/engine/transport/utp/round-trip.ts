// How long an answer takes (RFC 6298), and so when silence means loss.

const TIMEOUT_FIRST_MS = 1000;
const TIMEOUT_MIN_MS = 500;
const TIMEOUT_MAX_MS = 30_000;

export class RoundTrip {
  #smoothedMs: number | undefined;
  #variationMs = 0;
  #backoff = 1;

  /** Only for packets that were sent once: the answer to a repeated one is ambiguous (Karn). */
  sample(rttMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = rttMs;
      this.#variationMs = rttMs / 2;
    } else {
      this.#variationMs += (Math.abs(this.#smoothedMs - rttMs) - this.#variationMs) / 4;
      this.#smoothedMs += (rttMs - this.#smoothedMs) / 8;
    }
    this.#backoff = 1;
  }

  get smoothedMs(): number {
    return this.#smoothedMs ?? TIMEOUT_FIRST_MS;
  }

  get timeoutMs(): number {
    const once =
      this.#smoothedMs === undefined
        ? TIMEOUT_FIRST_MS
        : Math.max(TIMEOUT_MIN_MS, this.#smoothedMs + 4 * this.#variationMs);
    return Math.min(TIMEOUT_MAX_MS, once * this.#backoff);
  }

  /** Each timeout in a row waits twice as long. */
  backOff(): void {
    this.#backoff *= 2;
  }
}
