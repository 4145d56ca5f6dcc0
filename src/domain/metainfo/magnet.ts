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
