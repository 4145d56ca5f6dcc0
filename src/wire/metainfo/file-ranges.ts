// A choice of a torrent's files by their places, as a magnet's `so=` writes it (BEP 53): `0,2,4-7`.

import type { FileRange } from "../../domain/metainfo/magnet.ts";

const RANGES_MAX = 10_000;
const FILE_INDEX_MAX = 2 ** 31;

/** Undefined for anything else than places and ranges of them. */
export function readFileRanges(text: string): FileRange[] | undefined {
  const parts = text.split(",");
  if (parts.length > RANGES_MAX) return undefined;
  const ranges: FileRange[] = [];
  for (const part of parts) {
    const [, from, to] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part) ?? [];
    const first = Number(from);
    const last = Number(to ?? from);
    if (from === undefined || last < first || last > FILE_INDEX_MAX) return undefined;
    ranges.push({ first, last });
  }
  return ranges;
}

export function formatFileRanges(ranges: readonly FileRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(",");
}
