// Tokens prove that who announces a peer receives datagrams at the address that it announces (BEP 5). Nothing is stored for
// them: a token is a keyed hash of the address, and the key changes every five minutes.

import { createHmac } from "node:crypto";
import { bytesEqual } from "../../base/bytes.ts";
import type { Entropy } from "../../world/entropy.ts";

const TOKEN_BYTES = 8;
const KEY_MS = 5 * 60_000;

export class AnnounceTokens {
  readonly #entropy: Entropy;
  #keys: readonly [Uint8Array, Uint8Array];
  #sinceMs: number;

  constructor(entropy: Entropy, nowMs: number) {
    this.#entropy = entropy;
    this.#keys = [entropy.bytes(16), entropy.bytes(16)];
    this.#sinceMs = nowMs;
  }

  tokenFor(host: string, nowMs: number): Uint8Array {
    this.#turn(nowMs);
    return tokenBy(this.#keys[0], host);
  }

  /** A token is good for five to ten minutes. */
  isGood(token: Uint8Array, host: string, nowMs: number): boolean {
    this.#turn(nowMs);
    return this.#keys.some((key) => bytesEqual(tokenBy(key, host), token));
  }

  #turn(nowMs: number): void {
    const turns = Math.min(2, Math.floor((nowMs - this.#sinceMs) / KEY_MS));
    for (let turn = 0; turn < turns; turn++) this.#keys = [this.#entropy.bytes(16), this.#keys[0]];
    if (turns > 0) this.#sinceMs = nowMs;
  }
}

function tokenBy(key: Uint8Array, host: string): Uint8Array {
  return createHmac("sha256", key).update(host).digest().subarray(0, TOKEN_BYTES);
}
