// Moves a torrent's files to another folder, which may lie on another file system. Until everything is durable there, the
// old place stays as it is: a full disk, a crash or a change of mind leaves it valid.

import { present } from "../../base/assert.ts";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Disk, DiskFile, FilePlace } from "../../world/disk.ts";
import type { StoreSpec } from "./job.ts";

const CHUNK_BYTES = 4 * 1024 * 1024;

type Copy = {
  readonly index: number;
  readonly from: DiskFile;
  readonly to: DiskFile;
  readonly sizeBytes: number;
  at: number;
};

export class Mover {
  readonly #disk: Disk;
  readonly #from: StoreSpec;
  readonly #to: string;
  readonly #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #next = 0;
  #copy: Copy | undefined;
  /** Files that lie whole under their temporary names, then under their own. */
  readonly #copied: number[] = [];
  readonly #named: number[] = [];

  constructor(disk: Disk, from: StoreSpec, toRootDir: string) {
    this.#disk = disk;
    this.#from = from;
    this.#to = toRootDir;
  }

  /** One chunk, or one file's end; true when everything lies in the new place, durably. */
  step(): Result<boolean, Failure> {
    if (this.#next === 0 && this.#copy === undefined) {
      const free = this.#refuseWhatIsTaken();
      if (!free.ok) return free;
    }
    if (this.#copy === undefined && this.#next < this.#from.paths.length) return this.#begin(this.#next++);
    if (this.#copy !== undefined) return this.#goOn(this.#copy);
    return this.#giveNames();
  }

  /** Takes away what was copied. */
  undo(): void {
    this.#endCopy();
    for (const index of [...this.#copied, this.#next - 1]) {
      if (index >= 0) this.#disk.removeIn(this.#temporary(index));
    }
    for (const index of this.#named) this.#disk.removeIn(this.#place(this.#to, index));
  }

  /** Takes away the old files, once somebody has written down where the new ones are. */
  removeOld(): Result<undefined, Failure> {
    for (const index of this.#named) {
      const removed = this.#disk.removeIn(this.#place(this.#from.rootDir, index));
      if (!removed.ok) return removed;
    }
    return ok();
  }

  #refuseWhatIsTaken(): Result<undefined, Failure> {
    for (const index of this.#from.paths.keys()) {
      const there = this.#disk.open({ ...this.#place(this.#to, index), access: "read", modeBits: 0 });
      if (there.ok) {
        there.value.close();
        return err(
          failure("engine.move_refused", { folder: this.#to, why: `${this.#name(index)} lies there already` }),
        );
      }
      if (there.error.code !== "engine.file_missing") return err(there.error);
    }
    return ok();
  }

  #begin(index: number): Result<boolean, Failure> {
    const from = this.#disk.open({ ...this.#place(this.#from.rootDir, index), access: "read", modeBits: 0 });
    // What has not been begun is not there.
    if (!from.ok) return from.error.code === "engine.file_missing" ? ok(false) : from;
    const identity = from.value.identity();
    const { modeBits } = this.#from;
    const to = this.#disk.open({ ...this.#temporary(index), access: "write", modeBits });
    if (!to.ok || !identity.ok) {
      from.value.close();
      if (to.ok) to.value.close();
      return to.ok ? err(present(identity.ok ? undefined : identity.error, "a failure")) : to;
    }
    this.#copy = { index, from: from.value, to: to.value, sizeBytes: identity.value.sizeBytes, at: 0 };
    // What a crash left there goes; the file is as long as it will be, and takes no room yet.
    const emptied = to.value.truncate(0);
    const sized = emptied.ok ? to.value.truncate(identity.value.sizeBytes) : emptied;
    return sized.ok ? ok(false) : sized;
  }

  #goOn(copy: Copy): Result<boolean, Failure> {
    if (copy.at >= copy.sizeBytes) {
      const synced = copy.to.sync();
      if (!synced.ok) return synced;
      this.#endCopy();
      this.#copied.push(copy.index);
      return ok(false);
    }
    const chunk = this.#chunk.subarray(0, Math.min(CHUNK_BYTES, copy.sizeBytes - copy.at));
    const read = copy.from.read([chunk], copy.at);
    if (!read.ok) return read;
    if (read.value < chunk.length) return err(failure("engine.file_missing", { file: this.#name(copy.index) }));
    // A hole stays a hole: parts that have not arrived take no room in the new place either.
    const written = chunk.every((byte) => byte === 0) ? ok() : copy.to.write([chunk], copy.at);
    copy.at += chunk.length;
    return written.ok ? ok(false) : written;
  }

  #giveNames(): Result<boolean, Failure> {
    for (let index = this.#copied[0]; index !== undefined; index = this.#copied[0]) {
      const name = present(this.#from.paths[index]?.at(-1), "a file name");
      const renamed = this.#disk.rename(this.#temporary(index), name);
      if (!renamed.ok) return renamed;
      this.#copied.shift();
      this.#named.push(index);
    }
    return ok(true);
  }

  #endCopy(): void {
    this.#copy?.from.close();
    this.#copy?.to.close();
    this.#copy = undefined;
  }

  #place(rootDir: string, index: number): FilePlace {
    return { rootDir, path: present(this.#from.paths[index], "a path of the file") };
  }

  /** Beside the file's own name, which may be as long as names can be. */
  #temporary(index: number): FilePlace {
    const { rootDir, path } = this.#place(this.#to, index);
    return { rootDir, path: [...path.slice(0, -1), `.moving-${index}`] };
  }

  #name(index: number): string {
    return present(this.#from.paths[index], "a path of the file").join("/");
  }
}
