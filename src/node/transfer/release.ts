// Moves the clean files of a finished transfer into the library, each step so that a kill in between loses nothing.

import { existsSync, lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { present } from "../../base/assert.ts";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { NodeCore } from "../core.ts";
import { freeName, libraryFolder, markOrigin } from "../quarantine/library.ts";
import { publish } from "../quarantine/publish.ts";
import { cleared, quarantined } from "../quarantine/stored.ts";
import type { FileRecord, TransferRecord } from "../store/transfers.ts";

/** Failure codes: node.file_changed, node.library_unusable. Files that are not clean stay where they are. */
export function releaseClean(core: NodeCore, record: TransferRecord, metainfo: Metainfo): Result<string, Failure> {
  const libraryPath = record.libraryPath ?? chooseLibraryPath(core, record, metainfo);
  for (const file of core.transfers.files(record.id)) {
    if (file.state !== "clean") continue;
    const released = releaseFile(core, file, { record, metainfo, libraryPath });
    if (!released.ok) return released;
  }
  return ok(libraryPath);
}

// Written down before the first file moves: after a kill the rest of a folder joins what is there already.
function chooseLibraryPath(core: NodeCore, record: TransferRecord, metainfo: Metainfo): string {
  const root = record.outDir ?? core.libraryPath;
  libraryFolder(root, []);
  const libraryPath = join(root, freeName(root, metainfo.name, !metainfo.bareFile));
  core.transfers.setLibraryPath(record.id, libraryPath);
  return libraryPath;
}

type Place = { readonly record: TransferRecord; readonly metainfo: Metainfo; readonly libraryPath: string };

function releaseFile(core: NodeCore, file: FileRecord, place: Place): Result<undefined, Failure> {
  const { metainfo, libraryPath, record } = place;
  const root = dirname(libraryPath);
  const path = metainfo.bareFile ? [basename(libraryPath)] : [basename(libraryPath), ...file.path];
  const held = core.quarantine.pathOf(file);
  const target = join(root, ...path);
  // Moved, and killed before it was written down: the name below our own folder is ours alone.
  if (!existsSync(held) && existsSync(target) && lstatSync(target).size === file.bytes) {
    core.transfers.setReleased(file.entryId, target);
    return ok();
  }
  const clean = cleared(quarantined({ entryId: file.entryId, path: held, bytes: file.bytes }), file);
  const published = publish(present(clean, "the clean verdict"), { root, path });
  if (!published.ok) return published;
  core.transfers.setReleased(file.entryId, published.value);
  markOrigin(published.value, `magnet:?xt=urn:btih:${record.infoHash}`);
  return ok();
}
