// Gives released content back to the swarm while the grant lasts, and only when every file of it is clean and released.

import { existsSync, renameSync } from "node:fs";
import type { GrantAnswer } from "../../domain/grant-check.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { Torrent } from "../../engine/contract.ts";
import type { NodeCore } from "../core.ts";
import type { FileRecord, TransferRecord } from "../store/transfers.ts";
import { serveFromLibrary } from "./swarm.ts";

export class Serving {
  readonly #core: NodeCore;
  readonly #id: string;
  #torrent: Torrent | undefined;
  /** The library no longer has what was released, or the engine refused: not tried again until the next start. */
  #givenUp = false;

  constructor(core: NodeCore, id: string) {
    this.#core = core;
    this.#id = id;
  }

  torrent(): Torrent | undefined {
    return this.#torrent;
  }

  async update(record: TransferRecord, metainfo: Metainfo, answer: GrantAnswer): Promise<void> {
    if (!answer.allow) return this.close();
    if (this.#torrent || this.#givenUp || record.libraryPath === undefined) return;
    const files = this.#core.transfers.files(this.#id);
    if (!files.every((file) => file.state === "released" && existsSync(file.libraryPath ?? ""))) return;
    const added = serveFromLibrary(this.#core, answer.claims, { metainfo, libraryPath: record.libraryPath });
    this.#givenUp = !added.ok;
    if (!added.ok) return;
    const torrent = added.value;
    this.#torrent = torrent;
    torrent.on((event) => {
      // Somebody changed a file in the library: what does not verify is not offered.
      if (event.type === "checked" && event.piecesDone < event.piecesTotal) {
        this.#givenUp = true;
        void this.close();
      }
    });
  }

  /** Takes a released file back into quarantine, if it is still where it was put. */
  recall(file: FileRecord): void {
    void this.close();
    if (file.libraryPath === undefined || !existsSync(file.libraryPath)) return;
    renameSync(file.libraryPath, this.#core.quarantine.pathOf(file));
  }

  async close(): Promise<void> {
    const torrent = this.#torrent;
    this.#torrent = undefined;
    await torrent?.close();
  }
}
