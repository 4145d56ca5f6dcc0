// TCP segments that came too early wait here, at the head of undecided flows only and within a fixed budget, so that a
// handshake cut into pieces and shuffled is still read in order (H172).

const HELD_SEGMENTS_A_FLOW = 8;
const HELD_BYTES_MAX = 4 << 20;
/** Further ahead than this, waiting for what lies between makes no sense. */
const AHEAD_BYTES_MAX = 1 << 16;

export type HeldSegment = { readonly sequence: number; readonly bytes: Uint8Array; readonly wireBytes: number };

export class Reordering {
  readonly #held = new Map<number, HeldSegment[]>();
  #heldBytes = 0;

  /** Keeps a copy for later; false when the budget is used up or the gap too wide. */
  hold(talk: number, side: 0 | 1, segment: HeldSegment, aheadBytes: number): boolean {
    const key = talk * 2 + side;
    const waiting = this.#held.get(key) ?? [];
    if (waiting.length >= HELD_SEGMENTS_A_FLOW || aheadBytes > AHEAD_BYTES_MAX) return false;
    if (this.#heldBytes + segment.bytes.length > HELD_BYTES_MAX) return false;
    waiting.push({ ...segment, bytes: segment.bytes.slice() });
    this.#held.set(key, waiting);
    this.#heldBytes += segment.bytes.length;
    return true;
  }

  /** Takes out the segment that `next` makes due; undefined when none is. */
  due(talk: number, side: 0 | 1, next: number): HeldSegment | undefined {
    const waiting = this.#held.get(talk * 2 + side);
    const index = waiting?.findIndex((segment) => ((segment.sequence - next) | 0) <= 0) ?? -1;
    return index < 0 ? undefined : this.#remove(talk * 2 + side, index);
  }

  /** Takes out the earliest segment, whatever lies before it. */
  earliest(talk: number, side: 0 | 1): HeldSegment | undefined {
    const waiting = this.#held.get(talk * 2 + side);
    if (waiting === undefined) return undefined;
    let first = 0;
    waiting.forEach((segment, index) => {
      if (((segment.sequence - (waiting[first]?.sequence ?? 0)) | 0) < 0) first = index;
    });
    return this.#remove(talk * 2 + side, first);
  }

  forget(talk: number): void {
    for (const side of [0, 1]) {
      for (const segment of this.#held.get(talk * 2 + side) ?? []) this.#heldBytes -= segment.bytes.length;
      this.#held.delete(talk * 2 + side);
    }
  }

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  #remove(key: number, index: number): HeldSegment | undefined {
    const waiting = this.#held.get(key);
    const [taken] = waiting?.splice(index, 1) ?? [];
    if (taken !== undefined) this.#heldBytes -= taken.bytes.length;
    if (waiting?.length === 0) this.#held.delete(key);
    return taken;
  }
}
