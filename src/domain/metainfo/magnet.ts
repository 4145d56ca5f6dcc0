// What a magnet link says: which torrent, and where to begin looking. Its metadata still has to be fetched and checked.

import type { InfoHashV1, InfoHashV2 } from "./metainfo.ts";

/** Inclusive range of file indices, as in BEP 53. */
export type FileRange = { readonly first: number; readonly last: number };

export type Magnet = {
  /** At least one of the two hashes is there. */
  readonly infoHashV1: InfoHashV1 | undefined;
  readonly infoHashV2: InfoHashV2 | undefined;
  /** `dn`: a suggestion to show until the metadata is known; never a path. */
  readonly displayName: string | undefined;
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  /** `x.pe`: host and port of peers to ask first. */
  readonly peers: readonly { readonly host: string; readonly port: number }[];
  /** `so` (BEP 53): the files to fetch; undefined means all. */
  readonly selectOnly: readonly FileRange[] | undefined;
};

/** The files of the ranges, in their order, each once. Ranges may reach past the last file. */
export function filesIn(ranges: readonly FileRange[], fileCount: number): number[] {
  const files: number[] = [];
  let next = 0;
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    for (next = Math.max(next, first); next <= Math.min(last, fileCount - 1); next++) files.push(next);
  }
  return files;
}
