// The list of pieces verified since the last resume record: appended after each write, so that a process killed at any
// moment forgets no piece. What it claims is read and hashed again before it is believed.

import { present } from "../../base/assert.ts";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import type { Disk, DiskFile } from "../../world/disk.ts";

const ENTRY_BYTES = 8;
export const JOURNAL_BYTES_MAX = 256 * 1024 * 1024;

export class Journal {
  readonly #disk: Disk;
  readonly #at: { readonly dir: string; readonly name: string };
  #file: DiskFile | undefined;
  #endBytes = 0;

  constructor(disk: Disk, at: { readonly dir: string; readonly name: string }) {
    this.#disk = disk;
    this.#at = at;
  }

  append(piece: number): Result<undefined, Failure> {
    if (this.#file === undefined) {
      const opened = this.#disk.open({
        rootDir: this.#at.dir,
        path: [this.#at.name],
        access: "write",
        modeBits: 0o600,
      });
      if (!opened.ok) return opened;
      this.#file = opened.value;
      const identity = opened.value.identity();
      if (!identity.ok) return identity;
      this.#endBytes = identity.value.sizeBytes - (identity.value.sizeBytes % ENTRY_BYTES);
    }
    const entry = Buffer.alloc(ENTRY_BYTES);
    entry.writeUInt32LE(piece, 0);
    entry.writeUInt32LE(~piece >>> 0, 4);
    const written = present(this.#file, "the journal").write([entry], this.#endBytes);
    if (!written.ok) return written;
    this.#endBytes += ENTRY_BYTES;
    return ok();
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

/** The pieces that a journal names; an entry torn in the middle counts for nothing (H146). */
export function piecesOfJournal(bytes: Uint8Array, pieceCount: number): number[] {
  const entries = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - (bytes.length % ENTRY_BYTES));
  const pieces: number[] = [];
  for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
    const piece = entries.readUInt32LE(at);
    if (entries.readUInt32LE(at + 4) === ~piece >>> 0 && piece < pieceCount) pieces.push(piece);
  }
  return pieces;
}
