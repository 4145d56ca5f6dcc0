// Finds the torrent that an MSE initiator means: it names only a hash of the info-hash.

import { bytesEqual } from "../../../base/bytes.ts";
import { torrentMark } from "../../../wire/mse/keys.ts";

export class TorrentMarks {
  readonly #infoHashes: () => Iterable<Uint8Array>;
  /** Hashing ten thousand info-hashes for every newcomer would be its own attack. */
  readonly #marks = new WeakMap<Uint8Array, Uint8Array>();

  constructor(infoHashes: () => Iterable<Uint8Array>) {
    this.#infoHashes = infoHashes;
  }

  find(mark: Uint8Array): Uint8Array | undefined {
    for (const infoHash of this.#infoHashes()) {
      let known = this.#marks.get(infoHash);
      if (known === undefined) {
        known = torrentMark(infoHash);
        this.#marks.set(infoHash, known);
      }
      if (bytesEqual(known, mark)) return infoHash;
    }
    return undefined;
  }
}
