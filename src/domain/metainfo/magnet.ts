// What a magnet link says: which torrent, and where to begin looking. Its metadata still has to be fetched and checked.

import type { InfoHashV1, InfoHashV2 } from "./metainfo.ts";

/** Inclusive range of file indices, as in BEP 53. */
export type FileRange = { readonly first: number; readonly last: number };

export const OPTIONAL_FIELDS = ["dn", "tr", "ws", "x.pe", "so"] as const;

/** A field that cannot be used. What names the content is never left out: a link that is wrong there is refused. */
export type IgnoredField = {
  readonly field: (typeof OPTIONAL_FIELDS)[number];
  readonly why: "not-encoded" | "no-url" | "no-peer" | "no-file-list";
};

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
  /** Each field and reason once. */
  readonly ignored: readonly IgnoredField[];
};

const IGNORED: Readonly<Record<IgnoredField["why"], string>> = {
  "not-encoded": "is not percent-encoded UTF-8 and was left out",
  "no-url": "is no URL and was left out",
  "no-peer": "is no host and port and was left out",
  "no-file-list": "is no list of files such as 0,2,5-7: all files are fetched",
};

/** A sentence for the person who gave the link. */
export function sayIgnored({ field, why }: IgnoredField): string {
  return `Part of the magnet link cannot be used: ${field}= ${IGNORED[why]}.`;
}

/** The files of the ranges, in their order, each once. Ranges may reach past the last file. */
export function filesIn(ranges: readonly FileRange[], fileCount: number): number[] {
  const files: number[] = [];
  let next = 0;
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    for (next = Math.max(next, first); next <= Math.min(last, fileCount - 1); next++) files.push(next);
  }
  return files;
}
