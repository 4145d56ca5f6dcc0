// Where each file of a torrent goes below its root folder, as plain components.

import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { StorageOptions } from "../contract.ts";

/** The names were checked when the metainfo was parsed; names of the caller's own are cut at "/" and checked on opening. */
export function storagePaths(metainfo: Metainfo, storage: StorageOptions): string[][] {
  const { fileName } = storage;
  return metainfo.files.map(({ path }, index) => {
    if (fileName !== undefined) return fileName({ index, path }).split("/");
    return metainfo.bareFile ? [...path] : [metainfo.name, ...path];
  });
}
