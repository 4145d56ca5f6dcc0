// Reads what was uploaded, and says what it holds, as `torrent show --json` does.

import { toHex } from "../../base/bytes.ts";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import type { TorrentSummary } from "../../wire/api/v1/torrent.ts";
import { parseMagnet } from "../../wire/metainfo/magnet.ts";
import { parseTorrent } from "../../wire/metainfo/parse.ts";

export function torrentSummary(bytes: Uint8Array): Result<TorrentSummary, Failure> {
  const parsed = parseTorrent(bytes);
  if (!parsed.ok) return parsed;
  const torrent = parsed.value;
  return ok({
    infoHashV1: hexOrNull(torrent.infoHashV1),
    infoHashV2: hexOrNull(torrent.infoHashV2),
    name: torrent.name,
    format: torrent.format,
    pieceLength: torrent.pieceLengthBytes,
    totalBytes: torrent.totalBytes,
    files: torrent.files.map((file) => ({
      path: file.path.join("/"),
      bytes: file.bytes,
      piecesRoot: hexOrNull(file.piecesRoot),
    })),
    trackers: torrent.trackers.flat(),
    webSeeds: [...torrent.webSeeds],
    private: torrent.private,
    sslCert: torrent.sslCert ?? null,
  });
}

/** Nothing but the hashes is known before the metadata was fetched, and that takes a grant. */
export function magnetSummary(link: string): Result<TorrentSummary, Failure> {
  const parsed = parseMagnet(link);
  if (!parsed.ok) return parsed;
  const { infoHashV1, infoHashV2, displayName, trackers, webSeeds } = parsed.value;
  return ok({
    infoHashV1: hexOrNull(infoHashV1),
    infoHashV2: hexOrNull(infoHashV2),
    name: displayName ?? `Magnet link ${(hexOrNull(infoHashV1) ?? hexOrNull(infoHashV2) ?? "").slice(0, 12)}`,
    format: "magnet",
    pieceLength: null,
    totalBytes: null,
    files: [],
    trackers: [...trackers],
    webSeeds: [...webSeeds],
    private: false,
    sslCert: null,
  });
}

function hexOrNull(bytes: Uint8Array | undefined): string | null {
  return bytes === undefined ? null : toHex(bytes);
}
