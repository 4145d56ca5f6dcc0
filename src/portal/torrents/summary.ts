// Reads what was uploaded, strictly, and says what it holds.

import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import type { TorrentSummary } from "../../wire/api/v1/torrent.ts";
import { parseMagnet } from "../../wire/metainfo/magnet.ts";
import { parseTorrent } from "../../wire/metainfo/parse.ts";
import { summaryOfMagnet, summaryOfTorrent } from "../../wire/metainfo/summary.ts";

export function torrentSummary(bytes: Uint8Array): Result<TorrentSummary, Failure> {
  const parsed = parseTorrent(bytes);
  return parsed.ok ? ok(summaryOfTorrent(parsed.value)) : parsed;
}

/** Nothing but the hashes is known before the metadata was fetched, and that takes a grant. */
export function magnetSummary(link: string): Result<TorrentSummary, Failure> {
  const parsed = parseMagnet(link);
  if (!parsed.ok) return parsed;
  const summary = summaryOfMagnet(parsed.value);
  const hash = summary.infoHashV1 ?? summary.infoHashV2 ?? "";
  // A request must be called something.
  return ok({ ...summary, name: summary.name || `Magnet link ${hash.slice(0, 12)}` });
}
