// Torrents that were shown to the portal, so that a request can name one.

import { type Static, Type } from "typebox";
import { Bytes, exact, HashV1, HashV2, Id } from "./field.ts";

export const TORRENT_MEDIA_TYPE = "application/x-bittorrent";
/** HOSTILE 11: no metadata over 10 MB. */
export const TORRENT_BYTES_MAX = 10 * 1024 * 1024;

/** The same value as `swarmgate torrent show --json`. A magnet has no files yet. */
export const TorrentSummary = Type.Object(
  {
    infoHashV1: Type.Union([HashV1, Type.Null()]),
    infoHashV2: Type.Union([HashV2, Type.Null()]),
    name: Type.String(),
    format: Type.Enum(["v1", "v2", "hybrid", "magnet"]),
    pieceLength: Type.Union([Type.Integer(), Type.Null()]),
    totalBytes: Type.Union([Bytes, Type.Null()]),
    files: Type.Array(
      Type.Object({ path: Type.String(), bytes: Bytes, piecesRoot: Type.Union([Type.String(), Type.Null()]) }, exact),
    ),
    trackers: Type.Array(Type.String()),
    webSeeds: Type.Array(Type.String()),
    private: Type.Boolean(),
    sslCert: Type.Union([Type.String(), Type.Null()]),
  },
  exact,
);
export type TorrentSummary = Static<typeof TorrentSummary>;

export const MagnetUpload = Type.Object({ magnet: Type.String({ minLength: 8, maxLength: 32_768 }) }, exact);
export type MagnetUpload = Static<typeof MagnetUpload>;

export const Torrent = Type.Object({ torrentId: Id, summary: TorrentSummary }, exact);
export type Torrent = Static<typeof Torrent>;

/** A magnet link for torrents that came as one: then there is no file. */
export const MagnetFile = Type.Object({ magnet: Type.String() }, exact);

export const Suggestions = Type.Object(
  {
    suggestions: Type.Array(
      Type.Object(
        { torrentId: Id, name: Type.String(), says: Type.String(), totalBytes: Type.Union([Bytes, Type.Null()]) },
        exact,
      ),
    ),
  },
  exact,
);
export type Suggestions = Static<typeof Suggestions>;
