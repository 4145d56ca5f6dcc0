// Finds who sent the bad blocks of a v1 piece of which only the hash of the whole is known: one block of each sender in
// turn is fetched again from somebody else and compared. With the first that differs the piece is looked at again; if it is
// still bad, the sender's other blocks come again too, but for those that somebody else sent the same.

import { bytesEqual } from "../../base/bytes.ts";
import { SHA1_BYTES, sha1 } from "../../domain/metainfo/piece-hash.ts";

export class Mend {
  readonly #digests: Uint8Array;
  readonly #hosts: readonly string[];
  /** Of each block that was fetched again: whose copies were the same. */
  readonly #vouchers = new Map<number, Set<string>>();
  #accused: string | undefined;
  #sender: string | undefined;

  /** `digests` are of the blocks of the bad copy, and `hosts` sent them. */
  constructor(digests: Uint8Array, hosts: readonly string[]) {
    this.#digests = digests;
    this.#hosts = hosts;
  }

  /** The same bad copy, and nobody asked yet. */
  again(): Mend {
    return new Mend(this.#digests, this.#hosts);
  }

  /** Some block is another one now: the piece may be right. */
  get hasDiffered(): boolean {
    return this.#accused !== undefined;
  }

  /** Who sent a block that another peer sent otherwise. */
  get accused(): string | undefined {
    return this.#accused;
  }

  /** Whether another peer sent the same. */
  isVouched(block: number): boolean {
    for (const host of this.#vouchers.get(block) ?? []) if (host !== this.#hosts[block]) return true;
    return false;
  }

  /** Whose blocks are to come from others. */
  get sender(): string | undefined {
    return this.#sender;
  }

  senderOf(block: number): string | undefined {
    return this.#hosts[block];
  }

  /**
   * The blocks to fetch again next: the last one of the sender of which fewest were compared, the least trusted first (who
   * turns to lying was honest before); all that are left when one sender alone is; none when all copies were the same.
   */
  next(trust: (host: string) => number): number[] {
    const left = new Map<string, number[]>();
    const compared = new Map<string, number>();
    for (const [block, host] of this.#hosts.entries()) {
      if (this.#vouchers.has(block)) compared.set(host, (compared.get(host) ?? 0) + 1);
      else left.set(host, [...(left.get(host) ?? []), block]);
    }
    const rank = (host: string) => compared.get(host) ?? 0;
    const [first, second] = [...left.keys()].sort((a, b) => rank(a) - rank(b) || trust(a) - trust(b));
    this.#sender = first;
    const blocks = first === undefined ? [] : (left.get(first) ?? []);
    return second === undefined ? blocks : blocks.slice(-1);
  }

  /** Whether the copy is what was there before. */
  isSame(block: number, copy: Uint8Array, host: string): boolean {
    const before = this.#digests.subarray(block * SHA1_BYTES, (block + 1) * SHA1_BYTES);
    const vouchers = this.#vouchers.get(block) ?? new Set();
    this.#vouchers.set(block, vouchers);
    if (!bytesEqual(before, sha1(copy))) {
      this.#accused = this.#hosts[block];
      return false;
    }
    vouchers.add(host);
    return true;
  }

  /** Who sent, or sent the same as, each block of the bad copy: whatever of it is bad, this host sent it. */
  get guilty(): string | undefined {
    const known = new Set([...this.#hosts, ...[...this.#vouchers.values()].flatMap((hosts) => [...hosts])]);
    return [...known].find((host) =>
      this.#hosts.every((sender, block) => sender === host || this.#vouchers.get(block)?.has(host)),
    );
  }
}
