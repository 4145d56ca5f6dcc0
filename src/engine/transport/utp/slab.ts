// Cuts packet buffers out of larger allocations: one allocation a packet would keep the garbage collector busy.

const SLAB_BYTES = 64 * 1024;

export class Slab {
  #bytes = Buffer.allocUnsafeSlow(0);
  #at = 0;

  allocate(bytes: number): Buffer {
    if (this.#at + bytes > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#at = 0;
    }
    this.#at += bytes;
    return this.#bytes.subarray(this.#at - bytes, this.#at);
  }
}
