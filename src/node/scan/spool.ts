// Where unpacked bytes go: memory while they are few, then a file beside the quarantine that only we can read.

import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { FileSource, MemorySource, type OwnedSource } from "./source.ts";

export class Spool implements Disposable {
  readonly #folder: string;
  readonly #name: string;
  readonly #memoryBytesMax: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #fd: number | undefined;

  constructor(place: { readonly folder: string; readonly name: string; readonly memoryBytesMax: number }) {
    this.#folder = place.folder;
    this.#name = place.name;
    this.#memoryBytesMax = place.memoryBytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Copies the part. Throws what the disk throws (ENOSPC): the scan then ends as unscanned. */
  write(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#fd === undefined && this.#bytes <= this.#memoryBytesMax) {
      this.#parts.push(part.slice());
      return;
    }
    if (this.#fd === undefined) this.#fd = this.#openFile();
    writeAll(this.#fd, part);
  }

  #openFile(): number {
    const path = join(this.#folder, this.#name);
    const fd = openSync(path, "wx+", 0o600);
    // Unlinked at once: nobody can open it by name, and nothing is left behind when the worker is killed.
    unlinkSync(path);
    for (const earlier of this.#parts) writeAll(fd, earlier);
    this.#parts = [];
    return fd;
  }

  /** The bytes written, readable until this spool is disposed. */
  source(): OwnedSource {
    if (this.#fd === undefined) return new MemorySource(Buffer.concat(this.#parts));
    const file = new FileSource(this.#fd, this.#bytes);
    return { bytes: file.bytes, read: (place) => file.read(place), [Symbol.dispose]: () => undefined };
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#parts = [];
  }
}

function writeAll(fd: number, part: Uint8Array): void {
  let done = 0;
  while (done < part.length) done += writeSync(fd, part, done);
}
