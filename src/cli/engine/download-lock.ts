// One download of a torrent into one folder (H150): two at once would each fetch everything, and the one that ends first
// would take away what the other has noted for its next start.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { TorrentSource } from "../../engine/contract.ts";

/** Refused while another process has it. Where nothing can be written, the engine says why. */
export async function lockDownload(
  source: TorrentSource,
  outDir: string,
  stateDir: string,
): Promise<Result<Disposable, Failure>> {
  const { infoHashV1, infoHashV2 } = source.kind === "metainfo" ? source.metainfo : source.magnet;
  const file = join(stateDir, `${Buffer.from(infoHashV1 ?? infoHashV2 ?? []).toString("hex")}.lock`);
  const { lockFolder } = await import("../../world/real/folder-lock.ts");
  let lock: Disposable | undefined;
  try {
    mkdirSync(stateDir, { recursive: true });
    lock = lockFolder(file);
  } catch {
    return ok({ [Symbol.dispose]: () => undefined });
  }
  if (lock === undefined) return err(failure("engine.folder_locked", { folder: outDir }));
  return ok({
    [Symbol.dispose]: () => {
      // While it is held, so that nobody's lock but ours is taken away.
      rmSync(file, { force: true });
      lock[Symbol.dispose]();
    },
  });
}
