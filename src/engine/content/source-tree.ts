// Looks at a file or folder that is to become a torrent: only plain files with safe names, all of them, in tree order.

import { basename, dirname, join, resolve } from "node:path";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { byTreeOrder, type SourceFile } from "../../domain/metainfo/plan.ts";
import { PathRegistry, safeName, safePath } from "../../domain/metainfo/safe-path.ts";
import type { ListedKind, Listing } from "../../world/listing.ts";
import type { ContentPlace } from "./piece-digest.ts";

export type SourceTree = {
  readonly name: string;
  readonly bareFile: boolean;
  readonly place: ContentPlace;
  readonly files: readonly SourceFile[];
  /** Sizes and times of change of all files in one text: unchanged as long as the files are. */
  readonly stamp: string;
};

export async function readSourceTree(path: string, listing: Listing): Promise<Result<SourceTree, Failure>> {
  const full = resolve(path);
  const name = safeName(basename(full));
  if (!name.ok) return name;
  const top = await listing.look(full);
  if (!top) return err(failure("cli.file_missing", { path }));
  const rootDir = dirname(full);
  if (top.kind === "file") {
    const files = [{ path: [name.value], bytes: top.bytes }];
    const stamp = `${top.bytes} ${top.modifiedMs}`;
    return ok({ name: name.value, bareFile: true, place: { rootDir, prefix: [] }, files, stamp });
  }
  if (top.kind !== "folder") return err(notPlain(path, top.kind));
  const walk = new FolderWalk(full, listing);
  const failed = await walk.folder([]);
  if (failed) return err(failed);
  const found = walk.found.sort(byTreeOrder);
  const registry = new PathRegistry();
  for (const file of found) {
    const collision = registry.add(file.path);
    if (collision) return err(collision);
  }
  const stamp = found.map((file) => `${file.path.join("/")} ${file.bytes} ${file.modifiedMs}`).join("\n");
  const files = found.map((file) => ({ path: file.path, bytes: file.bytes }));
  return ok({ name: name.value, bareFile: false, place: { rootDir, prefix: [name.value] }, files, stamp });
}

class FolderWalk {
  readonly found: (SourceFile & { readonly modifiedMs: number })[] = [];
  readonly #root: string;
  readonly #listing: Listing;

  constructor(root: string, listing: Listing) {
    this.#root = root;
    this.#listing = listing;
  }

  async folder(path: readonly string[]): Promise<Failure | undefined> {
    for (const { name, kind, bytes, modifiedMs } of await this.#listing.list(join(this.#root, ...path))) {
      const inside = [...path, name];
      const safe = safePath(inside);
      if (!safe.ok) return safe.error;
      if (kind !== "file" && kind !== "folder") return notPlain(join(this.#root, ...inside), kind);
      if (kind === "file") this.found.push({ path: inside, bytes, modifiedMs });
      const failed = kind === "folder" ? await this.folder(inside) : undefined;
      if (failed) return failed;
    }
    return undefined;
  }
}

function notPlain(path: string, kind: ListedKind): Failure {
  return failure("metainfo.source_special", { path, what: kind === "link" ? "a symbolic link" : "no plain file" });
}
