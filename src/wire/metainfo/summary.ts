// What `torrent show --json` prints and the portal stores: one shape for torrent files and magnets.

import { toHex } from "../../base/bytes.ts";
import type { Magnet } from "../../domain/metainfo/magnet.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { TorrentSummary } from "../api/v1/torrent.ts";

export function summaryOfTorrent(torrent: Metainfo): TorrentSummary {
  return {
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
  };
}

/** A magnet names its content only by hash: files, lengths and privacy are unknown until its metadata has come. */
export function summaryOfMagnet(magnet: Magnet): TorrentSummary {
  return {
    infoHashV1: hexOrNull(magnet.infoHashV1),
    infoHashV2: hexOrNull(magnet.infoHashV2),
    name: magnet.displayName ?? "",
    format: "magnet",
    pieceLength: null,
    totalBytes: null,
    files: [],
    trackers: [...magnet.trackers],
    webSeeds: [...magnet.webSeeds],
    private: false,
    sslCert: null,
  };
}

/** The magnet of a torrent that is known: what a person passes on. */
export function magnetOf(torrent: Metainfo): Magnet {
  return {
    infoHashV1: torrent.infoHashV1,
    infoHashV2: torrent.infoHashV2,
    displayName: torrent.name,
    trackers: torrent.trackers.flat(),
    webSeeds: torrent.webSeeds,
    peers: [],
    selectOnly: undefined,
    ignored: [],
  };
}

function hexOrNull(bytes: Uint8Array | undefined): string | null {
  return bytes ? toHex(bytes) : null;
}
