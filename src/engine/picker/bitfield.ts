// Which pieces somebody has: one bit a piece, the first in the highest bit, as on the wire (BEP 3).

export class Bitfield {
  readonly length: number;
  readonly bytes: Uint8Array;
  #count = 0;

  constructor(length: number) {
    this.length = length;
    this.bytes = new Uint8Array(Math.ceil(length / 8));
  }

  /** Undefined when the length is not exactly right or a spare bit is set (H52). Copies. */
  static fromWire(bits: Uint8Array, length: number): Bitfield | undefined {
    if (bits.length !== Math.ceil(length / 8)) return undefined;
    const spare = bits.length * 8 - length;
    if (spare > 0 && ((bits.at(-1) ?? 0) & ((1 << spare) - 1)) !== 0) return undefined;
    const field = new Bitfield(length);
    field.bytes.set(bits);
    for (const byte of bits) field.#count += onesIn(byte);
    return field;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  has(index: number): boolean {
    return ((this.bytes[index >>> 3] ?? 0) & (0x80 >>> (index & 7))) !== 0;
  }

  /** True when the bit was not set before. */
  set(index: number): boolean {
    if (this.has(index)) return false;
    this.bytes[index >>> 3] = (this.bytes[index >>> 3] ?? 0) | (0x80 >>> (index & 7));
    this.#count++;
    return true;
  }

  /** True when the bit was set before. */
  clear(index: number): boolean {
    if (!this.has(index)) return false;
    this.bytes[index >>> 3] = (this.bytes[index >>> 3] ?? 0) & ~(0x80 >>> (index & 7));
    this.#count--;
    return true;
  }

  fill(): void {
    for (let n = 0; n < this.length; n++) this.set(n);
  }

  *indices(): Generator<number> {
    for (let n = 0; n < this.length; n++) if (this.has(n)) yield n;
  }
}

function onesIn(byte: number): number {
  let ones = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) ones++;
  return ones;
}
