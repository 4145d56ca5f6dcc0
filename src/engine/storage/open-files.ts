// The open files of one torrent: opened when first needed, at most so many at once, never through a link.

import { present } from "../../base/assert.ts";
import type { Failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Disk, DiskFile } from "../../world/disk.ts";
import type { StoreSpec } from "./job.ts";

const OPEN_FILES_MAX = 64;

type OpenFile = { readonly file: DiskFile; readonly access: "read" | "write"; dirty: boolean };

export class OpenFiles {
  readonly #disk: Disk;
  readonly #spec: StoreSpec;
  /** In the order of their last use: the first one is the next to be closed. */
  readonly #open = new Map<number, OpenFile>();

  constructor(disk: Disk, spec: StoreSpec) {
    this.#disk = disk;
    this.#spec = spec;
  }

  /** A new file is made at its full size at once: sparse, so that it costs no space and no later growth. */
  use(index: number, access: "read" | "write"): Result<DiskFile, Failure> {
    const known = this.#open.get(index);
    if (known !== undefined && (known.access === "write" || access === "read")) {
      this.#open.delete(index);
      this.#open.set(index, known);
      known.dirty ||= access === "write";
      return ok(known.file);
    }
    if (known !== undefined) this.#forget(index, known);
    return this.#openNow(index, access);
  }

  #openNow(index: number, access: "read" | "write"): Result<DiskFile, Failure> {
    const made = this.#makeRoom();
    if (!made.ok) return made;
    const { rootDir, modeBits, paths, layout } = this.#spec;
    const opened = this.#disk.open({ rootDir, modeBits, access, path: present(paths[index], "a path of the file") });
    if (!opened.ok) return opened;
    if (access === "write") {
      const identity = opened.value.identity();
      const wanted = present(layout.files[index], "a file").bytes;
      const sized = identity.ok && identity.value.sizeBytes !== wanted ? opened.value.truncate(wanted) : identity;
      if (!sized.ok) {
        opened.value.close();
        return sized;
      }
    }
    this.#open.set(index, { file: opened.value, access, dirty: access === "write" });
    return opened;
  }

  /** Writes everything through. The first failure is returned, and stays: a failed sync is never retried as success. */
  sync(): Result<undefined, Failure> {
    for (const open of this.#open.values()) {
      if (!open.dirty) continue;
      const synced = open.file.sync();
      if (!synced.ok) return synced;
      open.dirty = false;
    }
    return ok();
  }

  closeAll(): void {
    for (const [index, open] of this.#open) this.#forget(index, open);
  }

  #makeRoom(): Result<undefined, Failure> {
    for (const [index, open] of this.#open) {
      if (this.#open.size < OPEN_FILES_MAX) break;
      if (open.dirty) {
        const synced = open.file.sync();
        if (!synced.ok) return err(synced.error);
      }
      this.#forget(index, open);
    }
    return ok();
  }

  #forget(index: number, open: OpenFile): void {
    open.file.close();
    this.#open.delete(index);
  }
}
