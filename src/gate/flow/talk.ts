// What an undecided flow has said so far: the first bytes of each direction in order, the sizes of the first packets, and
// a few words of memory for the recognisers. All talks lie in two slabs, so that their cost is known and bounded.

/** With the flow's record in the table this keeps an undecided flow below 1 KiB. */
export const HEAD_BYTES = 352;
const SIZES_KEPT = 16;
const MEMORY_WORDS = 22;

const WORD = {
  packets: 0,
  flags: 1,
  next: 2,
  head: 4,
  stream: 6,
  ruledOut: 8,
  sizes: 9,
  memory: 9 + SIZES_KEPT,
} as const;
const TALK_WORDS = WORD.memory + MEMORY_WORDS;
const FIRST_CAPACITY = 256;

export type Side = 0 | 1;
/** The side that opened the flow, as far as can be seen. */
export const INITIATOR: Side = 0;
export const RESPONDER: Side = 1;

const FLAG = { opened: 1, nextKnown: 2, broken: 8, conflict: 32 } as const;

/** A window on one talk of the pool; `use` moves it. One object serves every flow. */
export class Talk {
  #heads = new Uint8Array(FIRST_CAPACITY * 2 * HEAD_BYTES);
  #words = new Int32Array(FIRST_CAPACITY * TALK_WORDS);
  readonly #talksMax: number;
  #capacity = FIRST_CAPACITY;
  #used = 0;
  #base = 0;
  #headBase = 0;
  readonly #free: number[] = [];

  /** The chunk under judgement: in order, in place, valid during the call. */
  bytes: Uint8Array = this.#heads;
  begin = 0;
  end = 0;
  side: Side = INITIATOR;
  timeMs = 0;

  constructor(talksMax: number) {
    this.#talksMax = talksMax;
  }

  /** A fresh talk's number; negative when all are in use. */
  take(): number {
    const free = this.#free.pop();
    const index = free ?? this.#used;
    if (free === undefined) {
      if (this.#used === this.#talksMax) return -1;
      if (this.#used === this.#capacity) this.#grow();
      this.#used += 1;
    }
    this.#words.fill(0, index * TALK_WORDS, (index + 1) * TALK_WORDS);
    return index;
  }

  release(index: number): void {
    this.#free.push(index);
  }

  use(index: number): void {
    this.#base = index * TALK_WORDS;
    this.#headBase = index * 2 * HEAD_BYTES;
  }

  #grow(): void {
    this.#capacity = Math.min(this.#capacity * 2, this.#talksMax);
    const heads = new Uint8Array(this.#capacity * 2 * HEAD_BYTES);
    heads.set(this.#heads);
    this.#heads = heads;
    const words = new Int32Array(this.#capacity * TALK_WORDS);
    words.set(this.#words);
    this.#words = words;
  }

  get bytesAllocated(): number {
    return this.#heads.byteLength + this.#words.byteLength;
  }

  get talksOpen(): number {
    return this.#used - this.#free.length;
  }

  /** The chunk's length as captured. */
  get chunkBytes(): number {
    return this.end - this.begin;
  }

  /** Payload packets that brought new bytes. */
  get packets(): number {
    return this.#words[this.#base] as number;
  }

  /** Signed size of an early packet: positive from the initiator, negative from the responder, 0 when there was none. */
  size(packet: number): number {
    return packet < SIZES_KEPT ? (this.#words[this.#base + WORD.sizes + packet] as number) : 0;
  }

  headBytes(side: Side): number {
    return this.#words[this.#base + WORD.head + side] as number;
  }

  streamBytes(side: Side): number {
    return this.#words[this.#base + WORD.stream + side] as number;
  }

  /** A byte of a direction's first bytes; zero past what is kept. */
  head(side: Side, at: number): number {
    return at < this.headBytes(side) ? (this.#heads[this.#headBase + side * HEAD_BYTES + at] as number) : 0;
  }

  /** A copy of a direction's first bytes, for the few that look at them with other tools. */
  headCopy(side: Side): Uint8Array {
    const begin = this.#headBase + side * HEAD_BYTES;
    return this.#heads.slice(begin, begin + this.headBytes(side));
  }

  /** Whether the TCP handshake was seen, so that the heads begin where the streams begin. */
  get opened(): boolean {
    return this.#flag(FLAG.opened);
  }

  markOpened(): void {
    this.#setFlag(FLAG.opened);
  }

  /** A retransmission disagreed with what came first. */
  get conflicting(): boolean {
    return this.#flag(FLAG.conflict);
  }

  #markConflicting(): void {
    this.#setFlag(FLAG.conflict);
  }

  nextKnown(side: Side): boolean {
    return this.#flag(FLAG.nextKnown << side);
  }

  next(side: Side): number {
    return this.#words[this.#base + WORD.next + side] as number;
  }

  setNext(side: Side, sequence: number): void {
    this.#words[this.#base + WORD.next + side] = sequence;
    this.#setFlag(FLAG.nextKnown << side);
  }

  /** Bytes were lost: the head of this direction cannot grow any more. */
  markBroken(side: Side): void {
    this.#setFlag(FLAG.broken << side);
  }

  broken(side: Side): boolean {
    return this.#flag(FLAG.broken << side);
  }

  get ruledOut(): number {
    return this.#words[this.#base + WORD.ruledOut] as number;
  }

  ruleOut(mask: number): void {
    this.#words[this.#base + WORD.ruledOut] = this.ruledOut | mask;
  }

  /** Memory of the recognisers; each has words of its own (see the recogniser table). */
  memory(at: number): number {
    return this.#words[this.#base + WORD.memory + at] as number;
  }

  setMemory(at: number, value: number): void {
    this.#words[this.#base + WORD.memory + at] = value;
  }

  /** Takes the present chunk into the head and the sizes. `wireBytes` may exceed what was captured. */
  append(wireBytes: number): void {
    const w = this.#words;
    const base = this.#base;
    const packet = w[base] as number;
    if (packet < SIZES_KEPT) w[base + WORD.sizes + packet] = this.side === INITIATOR ? wireBytes : -wireBytes;
    w[base] = packet + 1;
    w[base + WORD.stream + this.side] = Math.min(this.streamBytes(this.side) + wireBytes, 0x7fff_0000);
    if (this.broken(this.side)) return;
    const held = this.headBytes(this.side);
    const count = Math.min(HEAD_BYTES - held, this.end - this.begin);
    const to = this.#headBase + this.side * HEAD_BYTES + held;
    for (let i = 0; i < count; i += 1) this.#heads[to + i] = this.bytes[this.begin + i] as number;
    w[base + WORD.head + this.side] = held + count;
    if (wireBytes > this.end - this.begin) this.markBroken(this.side);
  }

  /**
   * Bytes that came before come again, `known` bytes behind the stream's end: true when they disagree with the head, where
   * they stand from now on and are the chunk. Only the head is kept, so only there can they be compared.
   */
  rewrite(side: Side, known: number, bytes: Uint8Array): boolean {
    const at = this.streamBytes(side) - known;
    if (at < 0 || this.broken(side)) return false;
    const count = Math.min(bytes.length, this.headBytes(side) - at);
    let isSame = true;
    for (let i = 0; i < count && isSame; i += 1) isSame = this.head(side, at + i) === bytes[i];
    if (isSame) return false;
    this.bytes = bytes;
    this.begin = 0;
    this.end = count;
    this.side = side;
    const to = this.#headBase + side * HEAD_BYTES + at;
    for (let i = 0; i < count; i += 1) this.#heads[to + i] = bytes[i] as number;
    this.#markConflicting();
    return true;
  }

  #flag(mask: number): boolean {
    return ((this.#words[this.#base + WORD.flags] as number) & mask) !== 0;
  }

  #setFlag(mask: number): void {
    this.#words[this.#base + WORD.flags] = (this.#words[this.#base + WORD.flags] as number) | mask;
  }
}
