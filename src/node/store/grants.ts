// The grant tokens that this device holds, as received, and the requests that it filed.

import { type NodeDatabase, type Row, text, textOrNull } from "./database.ts";

export type HeldGrant = {
  readonly grantId: string;
  readonly jws: string;
  readonly requestId: string;
  readonly torrentId: string | undefined;
};

export type AskedFor = {
  readonly requestId: string;
  readonly url: string;
  readonly outDir: string | undefined;
  readonly infoHash: string;
};

export class GrantStore {
  readonly #database: NodeDatabase;
  constructor(database: NodeDatabase) {
    this.#database = database;
  }

  all(): HeldGrant[] {
    return this.#database.rows("SELECT * FROM granted ORDER BY received_ms").map((row) => ({
      grantId: text(row, "grant_id"),
      jws: text(row, "jws"),
      requestId: text(row, "request_id"),
      torrentId: textOrNull(row, "torrent_id"),
    }));
  }

  keep(grant: HeldGrant, receivedMs: number): void {
    this.#database.run(
      `INSERT INTO granted VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (grant_id) DO UPDATE SET jws = excluded.jws, torrent_id = excluded.torrent_id`,
      grant.grantId,
      grant.jws,
      grant.requestId,
      grant.torrentId ?? null,
      Math.floor(receivedMs),
    );
  }

  /** The person removed its transfer: the grant is not used again, also when the portal sends it once more. */
  drop(grantId: string): void {
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM granted WHERE grant_id = ?", grantId);
      this.#database.run("INSERT OR IGNORE INTO dropped VALUES (?)", grantId);
    });
  }

  isDropped(grantId: string): boolean {
    return this.#database.row("SELECT 1 FROM dropped WHERE grant_id = ?", grantId) !== undefined;
  }

  ask(asked: AskedFor): void {
    this.#database.run(
      "INSERT OR REPLACE INTO asked VALUES (?, ?, ?, ?)",
      asked.requestId,
      asked.url,
      asked.outDir ?? null,
      asked.infoHash,
    );
  }

  asked(requestId: string): AskedFor | undefined {
    const row = this.#database.row("SELECT * FROM asked WHERE request_id = ?", requestId);
    return row === undefined ? undefined : askedOf(row);
  }

  /** Newest first. */
  askedForContent(infoHash: string): AskedFor[] {
    return this.#database.rows("SELECT * FROM asked WHERE info_hash = ? ORDER BY rowid DESC", infoHash).map(askedOf);
  }
}

function askedOf(row: Row): AskedFor {
  return {
    requestId: text(row, "request_id"),
    url: text(row, "url"),
    outDir: textOrNull(row, "out_dir"),
    infoHash: text(row, "info_hash"),
  };
}
