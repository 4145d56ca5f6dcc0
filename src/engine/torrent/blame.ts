// Finds who sent bad blocks of a v1 piece: the piece is fetched again, by one peer alone, and each block compared with
// what came before. A piece that one host sent in full needs no comparison.

import { bytesEqual } from "../../base/bytes.ts";
import { SHA1_BYTES } from "../../domain/metainfo/piece-hash.ts";

type Attempt = { readonly digests: Uint8Array; readonly hosts: readonly string[] };
const ATTEMPTS_MAX = 8;

export class Blame {
  readonly #failed = new Map<number, Attempt[]>();

  /** Whether bad copies of this piece are waiting for a good one. */
  isOpen(piece: number): boolean {
    return this.#failed.has(piece);
  }

  /** A copy that did not verify. Returns the hosts that are proven guilty by it alone. */
  record(piece: number, digests: Uint8Array, hosts: readonly string[]): string[] {
    const [only, ...others] = new Set(hosts);
    if (only !== undefined && others.length === 0) return [only];
    const attempts = this.#failed.get(piece) ?? [];
    attempts.push({ digests, hosts });
    this.#failed.set(piece, attempts.slice(-ATTEMPTS_MAX));
    return [];
  }

  /** The good copy is here: whoever sent a block that differs from it is guilty. */
  resolve(piece: number, good: Uint8Array): string[] {
    const guilty = new Set<string>();
    for (const { digests, hosts } of this.#failed.get(piece) ?? []) {
      for (const [block, host] of hosts.entries()) {
        if (!bytesEqual(digestOf(digests, block), digestOf(good, block))) guilty.add(host);
      }
    }
    this.#failed.delete(piece);
    return [...guilty];
  }
}

function digestOf(digests: Uint8Array, block: number): Uint8Array {
  return digests.subarray(block * SHA1_BYTES, (block + 1) * SHA1_BYTES);
}
