// The memory in which pieces are assembled and served: shared with the disk threads, bounded, reused.

export type Slot = {
  readonly memory: SharedArrayBuffer;
  /** The whole slot. */
  readonly bytes: Buffer;
};

export class PieceMemory {
  readonly bytesMax: number;
  #bytesTaken = 0;
  #bytesFree = 0;
  /** Slots to take again, by size: new memory costs page faults. */
  readonly #free = new Map<number, Slot[]>();

  /** Each gives back one slot that is only kept in case, or says that it has none. */
  readonly #reclaimers = new Set<() => boolean>();

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  /** Registers a cache that yields under pressure; the returned function takes it out again. */
  reclaimFrom(reclaim: () => boolean): () => void {
    this.#reclaimers.add(reclaim);
    return () => this.#reclaimers.delete(reclaim);
  }

  /** How many more slots of this size can be taken now. Caches yield before the answer is none. */
  room(sizeBytes: number): number {
    for (;;) {
      const count = Math.floor((this.bytesMax - this.#bytesTaken) / sizeBytes);
      if (count > 0) return count;
      if (this.#bytesTaken === 0) return 1;
      if (![...this.#reclaimers].some((reclaim) => reclaim())) return 0;
    }
  }

  /** Undefined when the memory is spent; a single piece larger than all of it is let through. */
  take(sizeBytes: number): Slot | undefined {
    if (this.room(sizeBytes) === 0) return undefined;
    this.#bytesTaken += sizeBytes;
    const again = this.#free.get(sizeBytes)?.pop();
    if (again !== undefined) {
      this.#bytesFree -= sizeBytes;
      return again;
    }
    this.#trim(sizeBytes);
    const memory = new SharedArrayBuffer(sizeBytes);
    return { memory, bytes: Buffer.from(memory) };
  }

  give(slot: Slot): void {
    const sizeBytes = slot.bytes.length;
    this.#bytesTaken -= sizeBytes;
    this.#bytesFree += sizeBytes;
    const list = this.#free.get(sizeBytes);
    if (list === undefined) this.#free.set(sizeBytes, [slot]);
    else list.push(slot);
  }

  // Free slots of other sizes are let go of once they would add up to more than the bound.
  #trim(wantedBytes: number): void {
    for (const [size, list] of this.#free) {
      while (list.length > 0 && this.#bytesTaken + this.#bytesFree + wantedBytes > this.bytesMax) {
        list.pop();
        this.#bytesFree -= size;
      }
      if (list.length === 0) this.#free.delete(size);
    }
  }
}
