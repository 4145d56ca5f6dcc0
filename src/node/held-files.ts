// Quarantine as the command sees it: list, show, destroy, and a release that is nothing but another scan.

import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Done, QuarantineEntry } from "../wire/local/transfer.ts";
import type { NodeCore } from "./core.ts";
import type { FileRecord } from "./store/transfers.ts";
import type { Transfers } from "./transfer/transfers.ts";
import { fileWhy } from "./transfer/view.ts";

export class HeldFiles {
  readonly #core: NodeCore;
  readonly #transfers: Transfers;

  constructor(core: NodeCore, transfers: Transfers) {
    this.#core = core;
    this.#transfers = transfers;
  }

  list(): QuarantineEntry[] {
    return this.#core.transfers
      .everyFile()
      .filter((file) => file.state !== "released" && file.state !== "destroyed" && file.state !== "fetching")
      .map((file) => this.#entry(file));
  }

  show(id: string): Result<QuarantineEntry, Failure> {
    const file = this.#core.transfers.file(id);
    return file ? ok(this.#entry(file)) : err(failure("node.entry_unknown", { id }));
  }

  destroy(id: string): Result<Done, Failure> {
    const file = this.#core.transfers.file(id);
    if (!file || file.state === "released") return err(failure("node.entry_unknown", { id }));
    this.#core.quarantine.destroy(file);
    this.#core.transfers.setFileState(id, "destroyed");
    return ok({ done: true, says: `${nameOf(file)} was deleted from quarantine.` });
  }

  /** Scans it with today's engines. Only a clean verdict releases; nobody overrules an infected one here. */
  async release(id: string): Promise<Result<Done, Failure>> {
    const file = this.#core.transfers.file(id);
    if (!file) return err(failure("node.entry_unknown", { id }));
    if (file.state === "released") return ok({ done: true, says: `${nameOf(file)} is in the library already.` });
    const task = this.#transfers.find(file.transferId);
    if (!task || file.state === "destroyed") return err(failure("node.entry_unknown", { id }));
    task.rescan(id);
    await task.idle();
    const after = this.#core.transfers.file(id) ?? file;
    if (after.state === "released") return ok({ done: true, says: `${nameOf(file)} is clean and was released.` });
    const why =
      after.state === "clean" ? "it waits for the other files of its download" : fileWhy(after).replace(/\.$/u, "");
    return err(failure("node.release_refused", { file: nameOf(file), why }));
  }

  #entry(file: FileRecord): QuarantineEntry {
    return {
      id: file.entryId,
      transferId: file.transferId,
      name: this.#core.transfers.find(file.transferId)?.name ?? "",
      fileName: file.path.join("/"),
      bytes: file.bytes,
      state: file.state,
      sha256: file.sha256 ?? null,
      why: fileWhy(file),
      engine: file.verdict?.engine ?? null,
      signatureVersion: file.verdict?.signatureVersion ?? null,
      reason: file.verdict?.reason ?? null,
      within: [...(file.verdict?.within ?? [])],
      heldSinceMs: file.sinceMs,
    };
  }
}

function nameOf(file: FileRecord): string {
  return file.path.at(-1) ?? file.entryId;
}
