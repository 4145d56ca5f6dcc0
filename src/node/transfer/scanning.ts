// Scans the files of one transfer as soon as each is complete, one after the other, and keeps every verdict.

import { closeSync, openSync } from "node:fs";
import type { VerdictOutcome } from "../../domain/verdict.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { NodeCore } from "../core.ts";
import type { FileRecord, FileState } from "../store/transfers.ts";

/** The scanner did not answer, or could not read: nothing is known yet, and asking again may help. */
const PASSING = new Set(["scan.clamd_silent", "scan.clamd_garbled", "scan.worker_killed", "scan.file_unreadable"]);
const AGAIN_AFTER_MS = 20_000;
const TRIES_MAX = 10;

export class FileScanning {
  readonly #core: NodeCore;
  readonly #done: (file: FileRecord) => void;
  readonly #waiting: string[] = [];
  readonly #tries = new Map<string, { count: number; againMs: MonotonicMs }>();
  #running: Promise<void> | undefined;
  #closed = false;

  /** `done` is called with the file as it stands after its verdict. */
  constructor(core: NodeCore, done: (file: FileRecord) => void) {
    this.#core = core;
    this.#done = done;
  }

  get busy(): boolean {
    return this.#running !== undefined || this.#waiting.length > 0;
  }

  add(entryId: string): void {
    if (this.#closed || this.#waiting.includes(entryId)) return;
    this.#waiting.push(entryId);
    this.#running ??= this.#run();
  }

  /** Files whose scanner failed and whose pause is over are scanned again, as are those of older signatures. */
  retry(files: readonly FileRecord[]): void {
    const nowMs = this.#core.clock.monotonicMs();
    for (const file of files) {
      const tried = this.#tries.get(file.entryId);
      if (file.state !== "unscanned" || !PASSING.has(file.verdict?.reason ?? "")) continue;
      if (tried === undefined || (nowMs >= tried.againMs && tried.count < TRIES_MAX)) this.add(file.entryId);
    }
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const file = this.#core.transfers.file(next);
      if (file) await this.#scan(file);
      const last = this.#waiting.length === 0;
      if (last) this.#running = undefined;
      const after = this.#core.transfers.file(next);
      if (after) this.#done(after);
      if (last) return;
    }
  }

  async #scan(file: FileRecord): Promise<void> {
    const { transfers, quarantine, scanner, clock } = this.#core;
    transfers.setFileState(file.entryId, "scanning");
    const path = quarantine.pathOf(file);
    // The engine makes no file for an empty one.
    if (file.bytes === 0) closeSync(openSync(path, "a", 0o600));
    const engines = await scanner.engines();
    const { verdict, file: found } = await scanner.scan({ path, name: file.path.at(-1) ?? "" });
    if (this.#closed && verdict.reason === "scan.scanner_closed") return;
    const count = (this.#tries.get(file.entryId)?.count ?? 0) + 1;
    this.#tries.set(file.entryId, { count, againMs: (clock.monotonicMs() + AGAIN_AFTER_MS) as MonotonicMs });
    transfers.setVerdict(file.entryId, {
      state: FILE_STATE[verdict.outcome],
      sha256: found?.sha256,
      verdict,
      engines,
    });
  }
}

const FILE_STATE: Readonly<Record<VerdictOutcome, FileState>> = {
  clean: "clean",
  infected: "infected",
  suspicious: "suspicious",
  unscanned: "unscanned",
};
