// What the scan of one file may still unpack. Bombs end here (H112–H117).

import type { ScanLimits } from "./limits.ts";

/** Ends the opening of a container: what is inside stays unscanned. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
  readonly reason: string;
  constructor(reason: string, why: string) {
    super(why);
    this.reason = reason;
  }
}

export class Budget {
  readonly limits: ScanLimits;
  readonly #packedBytes: number;
  #unpackedBytes = 0;
  #entries = 0;

  /** `packedBytes`: the size of the whole file, against which the ratio is held. */
  constructor(limits: ScanLimits, packedBytes: number) {
    this.limits = limits;
    this.#packedBytes = Math.max(1, packedBytes);
  }

  /** `ownEntries`: how many the container has shown so far, this one included. */
  entry(ownEntries: number): void {
    this.#entries += 1;
    const { entriesMax, entriesTotalMax } = this.limits;
    if (ownEntries > entriesMax || this.#entries > entriesTotalMax) {
      const limit = ownEntries > entriesMax ? entriesMax : entriesTotalMax;
      throw new LimitReached("scan.entries_over_limit", `It holds more than ${limit} entries.`);
    }
  }

  unpacked(bytes: number): void {
    this.#unpackedBytes += bytes;
    if (this.#unpackedBytes > this.limits.unpackedBytesMax) {
      throw new LimitReached("scan.unpacked_over_limit", "It unpacks to more than the scanner may look at.");
    }
    const ratio = this.#unpackedBytes / this.#packedBytes;
    if (this.#unpackedBytes > this.limits.ratioFloorBytes && ratio > this.limits.ratioMax) {
      throw new LimitReached(
        "scan.ratio_over_limit",
        `It unpacks to more than ${this.limits.ratioMax} times its own size, as decompression bombs do.`,
      );
    }
  }

  depth(depth: number): void {
    if (depth > this.limits.depthMax) {
      throw new LimitReached("scan.depth_over_limit", `It is packed more than ${this.limits.depthMax} times over.`);
    }
  }
}
