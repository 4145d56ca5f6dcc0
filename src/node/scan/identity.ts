// Opens a file for reading without following a link, and says which file it is (H130, H133).

import { type BigIntStats, closeSync, constants, fstatSync, openSync } from "node:fs";
import type { FileIdentity } from "./job.ts";

export class OpenFile implements Disposable {
  readonly fd: number;

  /** Throws what the kernel says; a link, a device or a folder is refused as well. */
  constructor(path: string) {
    this.fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    if (!fstatSync(this.fd).isFile()) {
      this[Symbol.dispose]();
      throw new Error("It is not a plain file.");
    }
  }

  identity(): FileIdentity {
    return identityOf(fstatSync(this.fd, { bigint: true }));
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

function identityOf(stats: BigIntStats): FileIdentity {
  return {
    device: String(stats.dev),
    inode: String(stats.ino),
    bytes: Number(stats.size),
    modifiedNs: String(stats.mtimeNs),
  };
}
