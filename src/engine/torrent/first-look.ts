// The first look at a torrent's files and its resume record: what may be believed of them, and what has to be read.

import type { Failure } from "../../base/failure.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { Disk, FileIdentity } from "../../world/disk.ts";
import type { TorrentOptions } from "../contract.ts";
import { Bitfield } from "../picker/bitfield.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import type { Resume } from "./resume.ts";
import { storagePaths } from "./storage-paths.ts";

/** Of so many files the main thread itself finds out whether any is there. */
const QUICK_LOOK_FILES_MAX = 16;

export type FirstLookParts = {
  readonly disk: Disk;
  readonly metainfo: Metainfo;
  readonly pieceCount: number;
  readonly torrent: TorrentOptions;
  readonly resume: Resume | undefined;
  readonly store: StoreHandle;
};

/** These pieces are right; or these have to be read, `undefined` meaning all. */
export type Found =
  | { readonly trust: Bitfield }
  | { readonly check: Bitfield | undefined }
  | { readonly failed: Failure };

export function lookAtDisk(parts: FirstLookParts, done: (found: Found) => void): void {
  // A new download does not wait until the disk thread has started, nor behind what the thread is doing for others.
  if (isNew(parts)) queueMicrotask(() => done(judged(parts, [])));
  else {
    parts.store.ask({ kind: "identify" }, (answer) => {
      if (answer.kind === "failed") done({ failed: answer.failure });
      else done(judged(parts, answer.kind === "identities" ? answer.files : []));
    });
  }
}

/** A few looks from this thread: no file of the torrent is there. */
function isNew({ disk, metainfo, torrent }: FirstLookParts): boolean {
  const { rootDir } = torrent.storage;
  if (metainfo.files.length > QUICK_LOOK_FILES_MAX) return false;
  return storagePaths(metainfo, torrent.storage).every((path) => {
    const found = disk.open({ rootDir, path, access: "read", modeBits: 0 });
    if (found.ok) found.value.close();
    return !found.ok && found.error.code === "engine.file_missing";
  });
}

function judged({ pieceCount, resume }: FirstLookParts, files: readonly (FileIdentity | undefined)[]): Found {
  const plan = resume?.plan(pieceCount, files) ?? { verify: "all" as const };
  if ("trust" in plan) return plan;
  if (files.every((file) => file === undefined)) return { trust: new Bitfield(pieceCount) };
  return { check: plan.verify === "all" ? undefined : plan.verify };
}
