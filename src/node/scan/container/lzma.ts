// The LZMA decoder proper: range coder, literals, matches. Follows the reference decoder step by step.

const PROB_INIT = 1024;
const STATES = 12;
const POS_STATES_MAX = 16;
const LITERAL_PROBS = 0x300;

// Offsets of the probability tables in one array, so that a reset is one fill.
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * POS_STATES_MAX;
const IS_REP_G0 = IS_REP + STATES;
const IS_REP_G1 = IS_REP_G0 + STATES;
const IS_REP_G2 = IS_REP_G1 + STATES;
const IS_REP0_LONG = IS_REP_G2 + STATES;
const POS_SLOT = IS_REP0_LONG + STATES * POS_STATES_MAX;
const POS_SPECIAL = POS_SLOT + 4 * 64;
const POS_ALIGN = POS_SPECIAL + 128;
const LENGTH_CHOICE = 0;
const LENGTH_LOW = 2;
const LENGTH_MID = LENGTH_LOW + POS_STATES_MAX * 8;
const LENGTH_HIGH = LENGTH_MID + POS_STATES_MAX * 8;
const LENGTH_PROBS = LENGTH_HIGH + 256;
const MATCH_LENGTH = POS_ALIGN + 16;
const REP_LENGTH = MATCH_LENGTH + LENGTH_PROBS;
const LITERAL = REP_LENGTH + LENGTH_PROBS;

/**
 * Where decoded bytes go: `window` from `at` to `endBytes`; nothing before `floor` may be referred to. `position` counts
 * the bytes since the last reset of the dictionary (a reset of the state alone leaves it as it is).
 */
export type Into = {
  readonly window: Uint8Array;
  readonly at: number;
  readonly endBytes: number;
  readonly floor: number;
  readonly position: number;
};

export class LzmaState {
  #probs = new Uint16Array(LITERAL + LITERAL_PROBS);
  #lc = 0;
  #lp = 0;
  #pb = 0;
  #state = 0;
  #rep0 = 0;
  #rep1 = 0;
  #rep2 = 0;
  #rep3 = 0;
  #packed: Uint8Array = new Uint8Array(0);
  #at = 0;
  #range = 0;
  #code = 0;

  /** False for a byte that names no valid lc, lp, pb (LZMA2 wants lc + lp ≤ 4). */
  setProperties(byte: number): boolean {
    if (byte >= 9 * 5 * 5) return false;
    this.#lc = byte % 9;
    this.#lp = Math.floor(byte / 9) % 5;
    this.#pb = Math.floor(byte / 45);
    if (this.#lc + this.#lp > 4) return false;
    const probs = LITERAL + LITERAL_PROBS * 2 ** (this.#lc + this.#lp);
    if (this.#probs.length < probs) this.#probs = new Uint16Array(probs);
    return true;
  }

  reset(): void {
    this.#probs.fill(PROB_INIT);
    this.#state = 0;
    this.#rep0 = 0;
    this.#rep1 = 0;
    this.#rep2 = 0;
    this.#rep3 = 0;
  }

  /** Decodes one chunk; false when the data is not LZMA. */
  decode(packed: Uint8Array, into: Into): boolean {
    if (packed.length < 5 || packed[0] !== 0) return false;
    this.#packed = packed;
    this.#range = 0xffffffff;
    this.#code =
      (((packed[1] ?? 0) << 24) | ((packed[2] ?? 0) << 16) | ((packed[3] ?? 0) << 8) | (packed[4] ?? 0)) >>> 0;
    this.#at = 5;
    const begin = into.at;
    const { window, endBytes, floor } = into;
    const offset = into.position - begin;
    const posMask = (1 << this.#pb) - 1;
    let at = begin;
    while (at < endBytes) {
      // Past the end the coder reads zeros; an honest chunk never needs more than a few.
      if (this.#at > packed.length + 8) return false;
      const posState = (offset + at) & posMask;
      if (this.#bit(IS_MATCH + this.#state * POS_STATES_MAX + posState) === 0) {
        window[at] = this.#literal(window, at, floor, offset + at);
        at += 1;
        this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
        continue;
      }
      const length = this.#match(posState);
      const from = at - this.#rep0 - 1;
      if (length < 0 || from < floor || at + length > endBytes) return false;
      if (this.#rep0 + 1 >= length) window.copyWithin(at, from, from + length);
      else for (let step = 0; step < length; step += 1) window[at + step] = window[from + step] ?? 0;
      at += length;
    }
    return true;
  }

  // The length of a match, with #rep0 set to its distance; -1 for an end mark, which LZMA2 does not have.
  #match(posState: number): number {
    if (this.#bit(IS_REP + this.#state) === 0) {
      this.#rep3 = this.#rep2;
      this.#rep2 = this.#rep1;
      this.#rep1 = this.#rep0;
      const length = this.#length(MATCH_LENGTH, posState);
      this.#state = this.#state < 7 ? 7 : 10;
      this.#rep0 = this.#distance(length);
      return this.#rep0 === 0xffffffff ? -1 : length + 2;
    }
    if (this.#bit(IS_REP_G0 + this.#state) === 0) {
      if (this.#bit(IS_REP0_LONG + this.#state * POS_STATES_MAX + posState) === 0) {
        this.#state = this.#state < 7 ? 9 : 11;
        return 1;
      }
    } else {
      let distance = this.#rep1;
      if (this.#bit(IS_REP_G1 + this.#state) !== 0) {
        distance = this.#rep2;
        if (this.#bit(IS_REP_G2 + this.#state) !== 0) {
          distance = this.#rep3;
          this.#rep3 = this.#rep2;
        }
        this.#rep2 = this.#rep1;
      }
      this.#rep1 = this.#rep0;
      this.#rep0 = distance;
    }
    const length = this.#length(REP_LENGTH, posState);
    this.#state = this.#state < 7 ? 8 : 11;
    return length + 2;
  }

  #literal(window: Uint8Array, at: number, floor: number, position: number): number {
    const previous = at > floor ? (window[at - 1] ?? 0) : 0;
    const context = ((position & ((1 << this.#lp) - 1)) << this.#lc) + (previous >> (8 - this.#lc));
    const table = LITERAL + LITERAL_PROBS * context;
    let symbol = 1;
    if (this.#state >= 7) {
      let matched = window[at - this.#rep0 - 1] ?? 0;
      while (symbol < 0x100) {
        const matchBit = (matched >> 7) & 1;
        matched <<= 1;
        const bit = this.#bit(table + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(table + symbol);
    return symbol & 0xff;
  }

  #length(table: number, posState: number): number {
    if (this.#bit(table + LENGTH_CHOICE) === 0) return this.#tree(table + LENGTH_LOW + posState * 8, 3);
    if (this.#bit(table + LENGTH_CHOICE + 1) === 0) return 8 + this.#tree(table + LENGTH_MID + posState * 8, 3);
    return 16 + this.#tree(table + LENGTH_HIGH, 8);
  }

  #distance(length: number): number {
    const slot = this.#tree(POS_SLOT + Math.min(length, 3) * 64, 6);
    if (slot < 4) return slot;
    const directBits = (slot >> 1) - 1;
    const base = ((2 | (slot & 1)) << directBits) >>> 0;
    if (slot < 14) return base + this.#reverseTree(POS_SPECIAL + base - slot, directBits);
    let direct = 0;
    for (let count = directBits - 4; count > 0; count -= 1) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      direct = direct * 2 + bit;
      this.#normalise();
    }
    return base + direct * 16 + this.#reverseTree(POS_ALIGN, 4);
  }

  #tree(table: number, bits: number): number {
    let symbol = 1;
    for (let count = 0; count < bits; count += 1) symbol = (symbol << 1) | this.#bit(table + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(table: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let count = 0; count < bits; count += 1) {
      const bit = this.#bit(table + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << count;
    }
    return value;
  }

  #bit(index: number): number {
    const probs = this.#probs;
    const prob = probs[index] ?? 0;
    const bound = (this.#range >>> 11) * prob;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      probs[index] = prob + ((2048 - prob) >> 5);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      probs[index] = prob - (prob >> 5);
      bit = 1;
    }
    this.#normalise();
    return bit;
  }

  #normalise(): void {
    if (this.#range >= 0x1000000) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#packed[this.#at] ?? 0)) >>> 0;
    this.#at += 1;
  }
}
