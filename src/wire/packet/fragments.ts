// Puts fragmented IP datagrams together again, within a fixed budget, so that a handshake cannot hide behind a fragment
// border (H175) and a flood of first halves cannot fill the memory.

const DATAGRAMS_MAX = 512;
const HELD_BYTES_MAX = 8 << 20;
const DATAGRAM_BYTES_MAX = 65_535;
const FRAGMENTS_MAX = 128;

type Piece = { readonly beginByte: number; readonly bytes: Uint8Array };
type Partial = { pieces: Piece[]; heldBytes: number; totalBytes: number };

export class Fragments {
  // Insertion order is age: the oldest goes first when the budget is used up.
  readonly #partial = new Map<string, Partial>();
  #heldBytes = 0;

  /** The whole payload once its last missing piece came; undefined until then. */
  add(key: string, bytes: Uint8Array, offsetBytes: number, more: boolean): Uint8Array | undefined {
    const known = this.#partial.get(key) ?? { pieces: [], heldBytes: 0, totalBytes: -1 };
    const endByte = offsetBytes + bytes.length;
    if (endByte > DATAGRAM_BYTES_MAX || known.pieces.length >= FRAGMENTS_MAX || overlaps(known, offsetBytes, endByte)) {
      // RFC 5722: an overlap is never legitimate, and the whole datagram goes.
      this.#forget(key);
      return undefined;
    }
    this.#partial.set(key, known);
    known.pieces.push({ beginByte: offsetBytes, bytes: bytes.slice() });
    known.heldBytes += bytes.length;
    this.#heldBytes += bytes.length;
    if (!more) known.totalBytes = endByte;
    if (known.heldBytes === known.totalBytes) {
      this.#forget(key);
      return joined(known);
    }
    this.#keepBudget();
    return undefined;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  #keepBudget(): void {
    while (this.#partial.size > DATAGRAMS_MAX || this.#heldBytes > HELD_BYTES_MAX) {
      const oldest = this.#partial.keys().next().value;
      if (oldest === undefined) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const known = this.#partial.get(key);
    if (known === undefined) return;
    this.#heldBytes -= known.heldBytes;
    this.#partial.delete(key);
  }
}

// An exact repetition is a duplicate on the wire and harmless only when it is ignored; it would upset the byte count.
function overlaps(known: Partial, beginByte: number, endByte: number): boolean {
  return known.pieces.some((piece) => beginByte < piece.beginByte + piece.bytes.length && piece.beginByte < endByte);
}

function joined(known: Partial): Uint8Array {
  const whole = new Uint8Array(known.totalBytes);
  for (const piece of known.pieces) whole.set(piece.bytes, piece.beginByte);
  return whole;
}
