// Moving a torrent's files while it lives: step by step, so that other torrents of the disk thread go on meanwhile.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { FileIdentity } from "../../world/disk.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import type { StoreAnswer, StoreSpec } from "../storage/job.ts";

export type Relocation = {
  readonly rootDir: StoreSpec["rootDir"];
  /** All is durable in the new place, and the old one is still there: time to write down which one counts. */
  readonly arrived: (files: readonly (FileIdentity | undefined)[]) => Result<undefined, Failure>;
  /** Nobody waits for the rest any more. */
  readonly isOver: () => boolean;
};

/** Whatever goes wrong leaves the files in their old place, unless it is the removal of the old ones that fails. */
export function relocate(store: StoreHandle, relocation: Relocation): Promise<Result<undefined, Failure>> {
  const { rootDir, arrived } = relocation;
  return new Promise((resolve) => {
    const settled = (answer: StoreAnswer) => resolve(answer.kind === "failed" ? err(answer.failure) : ok());
    const step = (): void => {
      store.ask({ kind: "move", rootDir }, (answer) => {
        if (answer.kind === "failed") return resolve(err(answer.failure));
        if (relocation.isOver())
          return resolve(err(failure("engine.move_refused", { folder: rootDir, why: "closed" })));
        if (answer.kind !== "identities") return step();
        const written = arrived(answer.files);
        if (written.ok) return store.ask({ kind: "settle", keep: "new" }, settled);
        return store.ask({ kind: "settle", keep: "old" }, () => resolve(written));
      });
    };
    step();
  });
}
