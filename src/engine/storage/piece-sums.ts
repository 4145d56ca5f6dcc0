// A tag of each piece that was hashed once: reading the same bytes again for another peer then costs a seventh of hashing
// them again. The tag is GMAC (NIST SP 800-38D) under a key that never leaves the process, which processors compute faster
// than any plain checksum that Node has; so it finds rot (H147), and malice too.

import { createCipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { asBuffer } from "../../base/bytes.ts";

export const SUM_KEY_BYTES = 16;
const TAG_BYTES = 8;
/** One nonce for all: that would give the key away to whoever sees two tags, and nobody does. */
const NONCE = Buffer.alloc(12);

export class PieceSums {
  readonly #pieceCount: number;
  readonly #key: KeyObject;
  /** Made when the first piece is remembered: most torrents of a large node are never served. */
  #tags: Buffer | undefined;
  #known: Uint8Array | undefined;

  constructor(pieceCount: number, key: Uint8Array) {
    this.#pieceCount = pieceCount;
    this.#key = createSecretKey(asBuffer(key));
  }

  /** The piece was just verified to be these bytes. */
  remember(piece: number, views: readonly Uint8Array[]): void {
    this.#tags ??= Buffer.alloc(this.#pieceCount * TAG_BYTES);
    this.#known ??= new Uint8Array(this.#pieceCount);
    this.#tagOf(views).copy(this.#tags, piece * TAG_BYTES);
    this.#known[piece] = 1;
  }

  /** However the bytes are cut into views. */
  isAsRemembered(piece: number, views: readonly Uint8Array[]): boolean {
    if (this.#tags === undefined || this.#known?.[piece] !== 1) return false;
    return this.#tagOf(views).equals(this.#tags.subarray(piece * TAG_BYTES, (piece + 1) * TAG_BYTES));
  }

  #tagOf(views: readonly Uint8Array[]): Buffer {
    const mac = createCipheriv("aes-128-gcm", this.#key, NONCE, { authTagLength: TAG_BYTES });
    for (const view of views) mac.setAAD(view);
    mac.final();
    return mac.getAuthTag();
  }
}
