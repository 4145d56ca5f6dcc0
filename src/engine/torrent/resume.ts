// Decides at a start which pieces are believed, which are read again, and writes down what is verified at an end.

import { join } from "node:path";
import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { Disk, FileIdentity } from "../../world/disk.ts";
import { Bitfield } from "../picker/bitfield.ts";
import { JOURNAL_BYTES_MAX, piecesOfJournal } from "../storage/journal.ts";
import {
  decodeResumeRecord,
  encodeResumeRecord,
  filesUnchanged,
  RESUME_BYTES_MAX,
  type ResumeRecord,
} from "../storage/resume-record.ts";

/** What is known before a byte of content is read. */
export type ResumePlan =
  /** The record is whole and the files look as they did: nothing needs to be read. */
  | { readonly trust: Bitfield }
  /** These pieces were verified once; each is read and hashed before it counts. */
  | { readonly verify: Bitfield }
  /** Nothing can be said: everything that lies there is read. */
  | { readonly verify: "all" };

export class Resume {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #id: string;

  constructor(disk: Disk, dir: string, id: string) {
    this.#disk = disk;
    this.#dir = dir;
    this.#id = id;
  }

  get journal(): { readonly dir: string; readonly name: string } {
    return { dir: this.#dir, name: `${this.#id}.journal` };
  }

  get #recordPath(): string {
    return join(this.#dir, `${this.#id}.resume`);
  }

  get #journalPath(): string {
    return join(this.#dir, this.journal.name);
  }

  /** A magnet's info dictionary from an earlier run, if there is one. Its hash is checked like any other. */
  infoBytes(): Uint8Array | undefined {
    const record = this.#read();
    return typeof record === "object" ? record.infoBytes : undefined;
  }

  plan(pieceCount: number, files: readonly (FileIdentity | undefined)[]): ResumePlan {
    const record = this.#read();
    if (record === "torn") return { verify: "all" };
    const journal = this.#disk.readWhole(this.#journalPath, JOURNAL_BYTES_MAX);
    const since = journal.ok ? piecesOfJournal(journal.value, pieceCount) : [];
    const field = typeof record === "object" ? Bitfield.fromWire(record.pieces, pieceCount) : undefined;
    if (field === undefined && since.length === 0) return { verify: "all" };
    const claimed = field ?? new Bitfield(pieceCount);
    const isNews = since.map((piece) => claimed.set(piece)).includes(true);
    const isUnchanged = typeof record === "object" && filesUnchanged(record, files);
    return isUnchanged && !isNews ? { trust: claimed } : { verify: claimed };
  }

  #read(): ResumeRecord | "torn" | undefined {
    const bytes = this.#disk.readWhole(this.#recordPath, RESUME_BYTES_MAX);
    if (!bytes.ok) return bytes.error.code === "engine.file_missing" ? undefined : "torn";
    return decodeResumeRecord(bytes.value) ?? "torn";
  }

  /** Call only when the data that the record tells of is on disk. */
  write(record: ResumeRecord): Result<undefined, Failure> {
    return this.#disk.replace(this.#recordPath, encodeResumeRecord(record));
  }

  forget(): void {
    this.#disk.remove(this.#recordPath);
    this.#disk.remove(this.#journalPath);
  }
}
