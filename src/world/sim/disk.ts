// Files in memory with the vices of real ones: they fill up, they fail, and a power cut takes what was not synced.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Disk, DiskFile, FileIdentity, FilePlace, OpenRequest } from "../disk.ts";
import type { Random } from "../random.ts";
import type { SimClock } from "./clock.ts";

type Content = { now: Uint8Array; synced: Uint8Array; modifiedMs: number };
type Operation = "open" | "read" | "write" | "sync" | "replace" | "remove" | "rename" | "truncate";
type Fault = "disk_full" | "disk_failed";

const SECTOR_BYTES = 4096;

export class SimDisk implements Disk {
  readonly #clock: SimClock;
  readonly #files = new Map<string, Content>();
  readonly #faults = new Map<Operation, Fault>();
  capacityBytes = Number.POSITIVE_INFINITY;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  /** From now on the operation fails, until `repair`. */
  break(operation: Operation, fault: Fault): void {
    this.#faults.set(operation, fault);
  }

  repair(): void {
    this.#faults.clear();
    this.capacityBytes = Number.POSITIVE_INFINITY;
  }

  /** The power fails: every file is what it was at its last sync. */
  powerCut(): void {
    for (const [path, content] of this.#files) {
      if (content.synced.length === 0) this.#files.delete(path);
      else content.now = Uint8Array.from(content.synced);
    }
  }

  /** The power fails in the middle of writing back: of each sector either what it was or what it should become is there. */
  tear(random: Random): void {
    for (const content of this.#files.values()) {
      const torn = Uint8Array.from(content.now);
      for (let at = 0; at < torn.length; at += SECTOR_BYTES) {
        if (random.below(2) === 0)
          torn
            .fill(0, at, at + SECTOR_BYTES)
            .set(content.synced.subarray(at, Math.min(at + SECTOR_BYTES, torn.length)), at);
      }
      content.now = torn;
      content.synced = Uint8Array.from(torn);
    }
  }

  /** What is on the disk now, as the next start finds it: a program that has not noticed its death writes elsewhere. */
  survivor(): SimDisk {
    const disk = new SimDisk(this.#clock);
    for (const [path, { now, synced, modifiedMs }] of this.#files) {
      disk.#files.set(path, { now: Uint8Array.from(now), synced: Uint8Array.from(synced), modifiedMs });
    }
    return disk;
  }

  /** Flips one bit, as rot does. */
  rot(path: string, atBytes: number): void {
    const content = this.#files.get(path);
    if (content !== undefined) content.now[atBytes] = (content.now[atBytes] ?? 0) ^ 1;
  }

  paths(): string[] {
    return [...this.#files.keys()];
  }

  open(request: OpenRequest): Result<DiskFile, Failure> {
    const path = [request.rootDir, ...request.path].join("/");
    const fault = this.faultOf("open", path);
    if (fault !== undefined) return err(fault);
    if (!this.#files.has(path)) {
      if (request.access === "read") return err(failure("engine.file_missing", { file: path }));
      this.#files.set(path, this.#content(new Uint8Array()));
    }
    return ok(new SimFile(this, path));
  }

  readWhole(path: string, bytesMax: number): Result<Uint8Array, Failure> {
    const fault = this.faultOf("read", path);
    const content = this.#files.get(path);
    if (fault !== undefined) return err(fault);
    if (content === undefined) return err(failure("engine.file_missing", { file: path }));
    if (content.now.length > bytesMax) return err(failure("engine.path_unsafe", { file: path }));
    return ok(Uint8Array.from(content.now));
  }

  replace(path: string, bytes: Uint8Array): Result<undefined, Failure> {
    const fault = this.faultOf("replace", path) ?? this.fullFor(path, bytes.length);
    if (fault !== undefined) return err(fault);
    const content = this.#content(Uint8Array.from(bytes));
    content.synced = Uint8Array.from(bytes);
    this.#files.set(path, content);
    return ok();
  }

  remove(path: string): Result<undefined, Failure> {
    const fault = this.faultOf("remove", path);
    if (fault !== undefined) return err(fault);
    this.#files.delete(path);
    return ok();
  }

  rename({ rootDir, path }: FilePlace, name: string): Result<undefined, Failure> {
    const before = [rootDir, ...path].join("/");
    const fault = this.faultOf("rename", before);
    if (fault !== undefined) return err(fault);
    const content = this.#files.get(before);
    if (content === undefined) return err(failure("engine.file_missing", { file: before }));
    this.#files.delete(before);
    this.#files.set([rootDir, ...path.slice(0, -1), name].join("/"), content);
    return ok();
  }

  removeIn({ rootDir, path }: FilePlace): Result<undefined, Failure> {
    return this.remove([rootDir, ...path].join("/"));
  }

  contentOf(path: string): Content | undefined {
    return this.#files.get(path);
  }

  touch(content: Content): void {
    content.modifiedMs = this.#clock.wallMs();
  }

  faultOf(operation: Operation, file: string): Failure | undefined {
    const fault = this.#faults.get(operation);
    if (fault === undefined) return undefined;
    return fault === "disk_full"
      ? failure("engine.disk_full", { file })
      : failure("engine.disk_failed", { file, why: "EIO" });
  }

  /** A failure when the file cannot grow to that size. */
  fullFor(path: string, sizeBytes: number): Failure | undefined {
    let usedBytes = Math.max(0, sizeBytes - (this.#files.get(path)?.now.length ?? 0));
    for (const content of this.#files.values()) usedBytes += content.now.length;
    return usedBytes > this.capacityBytes ? failure("engine.disk_full", { file: path }) : undefined;
  }

  #content(bytes: Uint8Array): Content {
    return { now: bytes, synced: new Uint8Array(), modifiedMs: this.#clock.wallMs() };
  }
}

class SimFile implements DiskFile {
  readonly #disk: SimDisk;
  readonly #path: string;

  constructor(disk: SimDisk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  read(views: readonly Uint8Array[], atBytes: number): Result<number, Failure> {
    return this.#with("read", (content) => {
      let at = atBytes;
      for (const view of views) {
        const part = content.now.subarray(at, at + view.length);
        view.set(part);
        at += part.length;
      }
      return ok(at - atBytes);
    });
  }

  write(views: readonly Uint8Array[], atBytes: number): Result<undefined, Failure> {
    return this.#with("write", (content) => {
      const bytes = Buffer.concat(views);
      const endBytes = atBytes + bytes.length;
      const full = this.#disk.fullFor(this.#path, endBytes);
      if (full !== undefined) return err(full);
      if (endBytes > content.now.length) content.now = resized(content.now, endBytes);
      content.now.set(bytes, atBytes);
      this.#disk.touch(content);
      return ok();
    });
  }

  sync(): Result<undefined, Failure> {
    return this.#with("sync", (content) => {
      content.synced = Uint8Array.from(content.now);
      return ok();
    });
  }

  truncate(sizeBytes: number): Result<undefined, Failure> {
    return this.#with("truncate", (content) => {
      content.now = resized(content.now, sizeBytes);
      this.#disk.touch(content);
      return ok();
    });
  }

  identity(): Result<FileIdentity, Failure> {
    return this.#with("read", ({ now, modifiedMs }) => ok({ sizeBytes: now.length, modifiedMs }));
  }

  close(): void {
    // Nothing is held open in memory.
  }

  #with<T>(operation: Operation, action: (content: Content) => Result<T, Failure>): Result<T, Failure> {
    const fault = this.#disk.faultOf(operation, this.#path);
    if (fault !== undefined) return err(fault);
    const content = this.#disk.contentOf(this.#path);
    return content === undefined ? err(failure("engine.file_missing", { file: this.#path })) : action(content);
  }
}

function resized(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  const grown = new Uint8Array(sizeBytes);
  grown.set(bytes.subarray(0, sizeBytes));
  return grown;
}
