// A list of address ranges that may hold millions of entries: sorted columns of numbers and a binary search.

import { parseIpv4, parseIpv6 } from "./ip-number.ts";

export type Ipv4Range = { readonly first: number; readonly last: number };
export type Ipv6Range = { readonly first: bigint; readonly last: bigint };

const LOW_64 = 0xffff_ffff_ffff_ffffn;

export class IpList {
  readonly #first4: Uint32Array;
  readonly #last4: Uint32Array;
  /** High and low halves of the first and the last address of each range. */
  readonly #first6: readonly [BigUint64Array, BigUint64Array];
  readonly #last6: readonly [BigUint64Array, BigUint64Array];

  /** Ranges in any order; those that touch or overlap are joined. */
  constructor(ipv4: readonly Ipv4Range[], ipv6: readonly Ipv6Range[] = []) {
    const joined4 = joined(ipv4, (last) => last + 1);
    this.#first4 = Uint32Array.from(joined4, (range) => range.first);
    this.#last4 = Uint32Array.from(joined4, (range) => range.last);
    const joined6 = joined(ipv6, (last) => last + 1n);
    this.#first6 = halves(joined6.map((range) => range.first));
    this.#last6 = halves(joined6.map((range) => range.last));
  }

  get rangeCount(): number {
    return this.#first4.length + this.#first6[0].length;
  }

  /** `host` is an IP literal; IPv4 in IPv6's clothes is looked up as IPv4. */
  has(host: string): boolean {
    const address4 = parseIpv4(host);
    if (address4 !== undefined) return this.#has4(address4);
    const address6 = parseIpv6(host);
    if (address6 === undefined) return false;
    return address6 >> 32n === 0xffffn ? this.#has4(Number(address6 & 0xffff_ffffn)) : this.#has6(address6);
  }

  #has4(address: number): boolean {
    const at = lastAtMost(this.#first4.length, (n) => (this.#first4[n] ?? 0) <= address);
    return at >= 0 && address <= (this.#last4[at] ?? 0);
  }

  #has6(address: bigint): boolean {
    const at = lastAtMost(this.#first6[0].length, (n) => whole(this.#first6, n) <= address);
    return at >= 0 && address <= whole(this.#last6, at);
  }
}

type Range<T> = { readonly first: T; readonly last: T };

function joined<T extends number | bigint>(ranges: readonly Range<T>[], after: (last: T) => T): Range<T>[] {
  const sorted = ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const result: Range<T>[] = [];
  for (const range of sorted) {
    const previous = result.at(-1);
    if (previous === undefined || range.first > after(previous.last)) result.push(range);
    else if (range.last > previous.last) result[result.length - 1] = { first: previous.first, last: range.last };
  }
  return result;
}

/** The last index for which `holds`, which is true up to some index and false from there on; -1 when for none. */
function lastAtMost(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function halves(values: readonly bigint[]): readonly [BigUint64Array, BigUint64Array] {
  return [BigUint64Array.from(values, (value) => value >> 64n), BigUint64Array.from(values, (value) => value & LOW_64)];
}

function whole(columns: readonly [BigUint64Array, BigUint64Array], at: number): bigint {
  return ((columns[0][at] ?? 0n) << 64n) | (columns[1][at] ?? 0n);
}
