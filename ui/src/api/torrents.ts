// Showing the portal a torrent, so that a request can name it: a file, a magnet link, or one that it suggests.

import type { Torrent } from "../../../src/wire/api/v1/torrent.ts";
import { call } from "./call.ts";

export function readTorrentFile(file: Blob): Promise<Torrent> {
  return call<Torrent>("POST", "/torrents", { file: { bytes: file, type: "application/x-bittorrent" } });
}

export function readMagnet(magnet: string): Promise<Torrent> {
  return call<Torrent>("POST", "/torrents", { body: { magnet } });
}

export function readKnownTorrent(torrentId: string): Promise<Torrent> {
  return call<Torrent>("GET", `/torrents/${encodeURIComponent(torrentId)}`);
}
