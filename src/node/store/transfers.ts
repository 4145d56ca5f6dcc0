// Transfers and their files, as they must be found again after a kill at any moment.

import type { Verdict } from "../../domain/verdict.ts";
import type { Phase } from "../transfer/phase.ts";
import { type NodeDatabase, number, type Row, text, textOrNull } from "./database.ts";

export type TransferRecord = {
  /** The grant's id. */
  readonly id: string;
  readonly requestId: string;
  readonly name: string;
  readonly infoHash: string;
  readonly torrent: Uint8Array | undefined;
  readonly magnet: string | undefined;
  readonly outDir: string | undefined;
  /** The file or folder in the library; chosen before the first file moves. */
  readonly libraryPath: string | undefined;
  readonly phase: Phase;
  readonly bytesDone: number;
  readonly bytesTotal: number | undefined;
};

export type FileState =
  | "fetching"
  | "held"
  | "scanning"
  | "clean"
  | "released"
  | "infected"
  | "suspicious"
  | "unscanned"
  | "destroyed";

export type FileRecord = {
  readonly entryId: string;
  readonly transferId: string;
  readonly index: number;
  readonly path: readonly string[];
  readonly bytes: number;
  readonly piecesRoot: string | undefined;
  /** Its name in quarantine. */
  readonly opaque: string;
  readonly state: FileState;
  readonly sha256: string | undefined;
  readonly verdict: Verdict | undefined;
  /** The engines that gave the verdict; others scan again (H131). */
  readonly engines: string | undefined;
  readonly libraryPath: string | undefined;
  readonly sinceMs: number;
};

export class TransferStore {
  readonly #database: NodeDatabase;
  constructor(database: NodeDatabase) {
    this.#database = database;
  }

  all(): TransferRecord[] {
    return this.#database.rows("SELECT * FROM transfer ORDER BY created_ms").map(transferOf);
  }

  find(id: string): TransferRecord | undefined {
    const row = this.#database.row("SELECT * FROM transfer WHERE id = ?", id);
    return row === undefined ? undefined : transferOf(row);
  }

  add(record: TransferRecord, nowMs: number): void {
    this.#database.run(
      "INSERT OR IGNORE INTO transfer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      record.id,
      record.requestId,
      record.name,
      record.infoHash,
      record.torrent ?? null,
      record.magnet ?? null,
      record.outDir ?? null,
      null,
      JSON.stringify(record.phase),
      0,
      record.bytesTotal ?? null,
      Math.floor(nowMs),
    );
  }

  setPhase(id: string, phase: Phase): void {
    this.#database.run("UPDATE transfer SET phase = ? WHERE id = ?", JSON.stringify(phase), id);
  }

  setProgress(id: string, progress: { readonly bytesDone: number; readonly bytesTotal: number }): void {
    const { bytesDone, bytesTotal } = progress;
    this.#database.run("UPDATE transfer SET bytes_done = ?, bytes_total = ? WHERE id = ?", bytesDone, bytesTotal, id);
  }

  setLibraryPath(id: string, path: string): void {
    this.#database.run("UPDATE transfer SET library_path = ? WHERE id = ?", path, id);
  }

  /** The description of a magnet's content has arrived. */
  setContent(id: string, content: { readonly name: string; readonly torrent: Uint8Array }): void {
    this.#database.run("UPDATE transfer SET name = ?, torrent = ? WHERE id = ?", content.name, content.torrent, id);
  }

  remove(id: string): void {
    this.#database.run("DELETE FROM transfer WHERE id = ?", id);
  }

  files(transferId: string): FileRecord[] {
    return this.#database.rows("SELECT * FROM file WHERE transfer_id = ? ORDER BY file_index", transferId).map(fileOf);
  }

  everyFile(): FileRecord[] {
    return this.#database.rows("SELECT * FROM file ORDER BY since_ms, file_index").map(fileOf);
  }

  file(entryId: string): FileRecord | undefined {
    const row = this.#database.row("SELECT * FROM file WHERE entry_id = ?", entryId);
    return row === undefined ? undefined : fileOf(row);
  }

  filesWithContent(sha256: string): FileRecord[] {
    return this.#database.rows("SELECT * FROM file WHERE sha256 = ?", sha256).map(fileOf);
  }

  addFiles(files: readonly FileRecord[]): void {
    this.#database.transaction(() => {
      for (const file of files) {
        this.#database.run(
          "INSERT OR IGNORE INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL, ?, 0)",
          file.entryId,
          file.transferId,
          file.index,
          JSON.stringify(file.path),
          file.bytes,
          file.piecesRoot ?? null,
          file.opaque,
          file.state,
          Math.floor(file.sinceMs),
        );
      }
    });
  }

  setFileState(entryId: string, state: FileState): void {
    this.#database.run("UPDATE file SET state = ? WHERE entry_id = ?", state, entryId);
  }

  setVerdict(
    entryId: string,
    found: { state: FileState; sha256: string | undefined; verdict: Verdict; engines: string },
  ): void {
    this.#database.run(
      "UPDATE file SET state = ?, sha256 = ?, verdict = ?, engines = ?, told = 0 WHERE entry_id = ?",
      found.state,
      found.sha256 ?? null,
      JSON.stringify(found.verdict),
      found.engines,
      entryId,
    );
  }

  setReleased(entryId: string, libraryPath: string): void {
    this.#database.run("UPDATE file SET state = 'released', library_path = ? WHERE entry_id = ?", libraryPath, entryId);
  }

  /** Files whose verdict the portal has not confirmed yet. */
  untold(limit: number): FileRecord[] {
    return this.#database
      .rows("SELECT * FROM file WHERE told = 0 AND verdict IS NOT NULL AND sha256 IS NOT NULL LIMIT ?", limit)
      .map(fileOf);
  }

  setTold(entryIds: readonly string[]): void {
    this.#database.transaction(() => {
      for (const id of entryIds) this.#database.run("UPDATE file SET told = 1 WHERE entry_id = ?", id);
    });
  }
}

function transferOf(row: Row): TransferRecord {
  const torrent = row["torrent"];
  return {
    id: text(row, "id"),
    requestId: text(row, "request_id"),
    name: text(row, "name"),
    infoHash: text(row, "info_hash"),
    torrent: torrent instanceof Uint8Array ? torrent : undefined,
    magnet: textOrNull(row, "magnet"),
    outDir: textOrNull(row, "out_dir"),
    libraryPath: textOrNull(row, "library_path"),
    phase: JSON.parse(text(row, "phase")) as Phase,
    bytesDone: number(row, "bytes_done"),
    bytesTotal: row["bytes_total"] === null ? undefined : number(row, "bytes_total"),
  };
}

function fileOf(row: Row): FileRecord {
  const verdict = textOrNull(row, "verdict");
  return {
    entryId: text(row, "entry_id"),
    transferId: text(row, "transfer_id"),
    index: number(row, "file_index"),
    path: JSON.parse(text(row, "path")) as string[],
    bytes: number(row, "bytes"),
    piecesRoot: textOrNull(row, "pieces_root"),
    opaque: text(row, "opaque"),
    state: text(row, "state") as FileState,
    sha256: textOrNull(row, "sha256"),
    verdict: verdict === undefined ? undefined : (JSON.parse(verdict) as Verdict),
    engines: textOrNull(row, "engines"),
    libraryPath: textOrNull(row, "library_path"),
    sinceMs: number(row, "since_ms"),
  };
}
