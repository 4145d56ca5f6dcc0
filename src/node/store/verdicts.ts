// Verdicts by content, so that one scan serves every torrent that holds the same file.

import type { Verdict } from "../../domain/verdict.ts";
import type { VerdictCache, VerdictKey } from "../scan/scanner.ts";
import { type NodeDatabase, text } from "./database.ts";

export class VerdictStore implements VerdictCache {
  readonly #database: NodeDatabase;
  constructor(database: NodeDatabase) {
    this.#database = database;
  }

  find(key: VerdictKey): Verdict | undefined {
    const row = this.#database.row(
      "SELECT verdict FROM verdict WHERE sha256 = ? AND extension = ? AND engines = ?",
      key.sha256,
      key.extension,
      key.engines,
    );
    return row === undefined ? undefined : (JSON.parse(text(row, "verdict")) as Verdict);
  }

  keep(key: VerdictKey, verdict: Verdict): void {
    this.#database.run(
      "INSERT OR REPLACE INTO verdict VALUES (?, ?, ?, ?)",
      key.sha256,
      key.extension,
      key.engines,
      JSON.stringify(verdict),
    );
  }
}
