// The memory in which pieces are assembled and served: shared with the disk threads, bounded, reused.

type Place = { readonly memory: SharedArrayBuffer; readonly bytes: Buffer };

/** Counted from the beginning; the memory itself is drawn by whoever first touches it. */
export class Slot {
  readonly sizeBytes: number;
  readonly #draw: (sizeBytes: number) => Place;
  #place: Place | undefined;

  constructor(sizeBytes: number, draw: (sizeBytes: number) => Place) {
    this.sizeBytes = sizeBytes;
    this.#draw = draw;
  }

  get memory(): SharedArrayBuffer {
    return this.#drawn().memory;
  }

  /** The whole slot. */
  get bytes(): Buffer {
    return this.#drawn().bytes;
  }

  /** Undefined when nobody touched it. */
  get place(): Place | undefined {
    return this.#place;
  }

  #drawn(): Place {
    this.#place ??= this.#draw(this.sizeBytes);
    return this.#place;
  }
}

export class PieceMemory {
  readonly bytesMax: number;
  #bytesTaken = 0;
  #bytesFree = 0;
  /**
   * Places to take again, by size, the last given first: new memory costs page faults, and what was just written to disk
   * still lies in the processor's cache. A piece is asked for long before it comes, so its place is drawn only then.
   */
  readonly #free = new Map<number, Place[]>();

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
    return new Slot(sizeBytes, (bytes) => this.#draw(bytes));
  }

  give({ sizeBytes, place }: Slot): void {
    this.#bytesTaken -= sizeBytes;
    if (place === undefined) return;
    this.#bytesFree += sizeBytes;
    const list = this.#free.get(sizeBytes);
    if (list === undefined) this.#free.set(sizeBytes, [place]);
    else list.push(place);
  }

  #draw(sizeBytes: number): Place {
    const again = this.#free.get(sizeBytes)?.pop();
    if (again !== undefined) {
      this.#bytesFree -= sizeBytes;
      return again;
    }
    this.#trim();
    const memory = new SharedArrayBuffer(sizeBytes);
    return { memory, bytes: Buffer.from(memory) };
  }

  // Free places of other sizes are let go of once all would add up to more than the bound.
  #trim(): void {
    for (const [size, list] of this.#free) {
      while (list.length > 0 && this.#bytesTaken + this.#bytesFree > this.bytesMax) {
        list.pop();
        this.#bytesFree -= size;
      }
      if (list.length === 0) this.#free.delete(size);
    }
  }
}
