// Bytes a second, smoothed over a few seconds; ticked from outside.

const WEIGHT_OF_NEW = 0.3;

export class RateMeter {
  #bytes = 0;
  #sinceTick = 0;
  #rate = 0;
  #ticked = false;

  add(bytes: number): void {
    this.#sinceTick += bytes;
    this.#bytes += bytes;
  }

  tick(elapsedMs: number): void {
    const now = (this.#sinceTick * 1000) / Math.max(1, elapsedMs);
    this.#rate = this.#ticked ? this.#rate + WEIGHT_OF_NEW * (now - this.#rate) : now;
    this.#ticked ||= now > 0;
    this.#sinceTick = 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get bytesPerSecond(): number {
    return Math.round(this.#rate);
  }
}
