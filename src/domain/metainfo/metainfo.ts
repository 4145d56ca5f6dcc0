// What a torrent says about its content, after every claim in it was checked: inside, these values are trusted.

import type { Brand } from "../../base/brand.ts";

/** v1: SHA-1 of pieces (BEP 3). v2: SHA-256 trees of files (BEP 52). hybrid: both over the same files. */
export type TorrentFormat = "v1" | "v2" | "hybrid";

/** SHA-1 of the raw bytes of `info`: 20 bytes. */
export type InfoHashV1 = Brand<Uint8Array, "InfoHashV1">;
/** SHA-256 of the raw bytes of `info`: 32 bytes. */
export type InfoHashV2 = Brand<Uint8Array, "InfoHashV2">;

/**
 * A file with content of its own. Pad files (BEP 47) are not among them: they are gaps between the files' offsets,
 * so that nothing can write one by accident.
 */
export type ContentFile = {
  /** Safe segments under the torrent's folder; for a torrent of one bare file, its name alone. */
  readonly path: readonly string[];
  readonly bytes: number;
  /** Where the file begins in the torrent's span of pieces. */
  readonly offsetBytes: number;
  /** BEP 52 root of the file's tree, 32 bytes; undefined in v1 and for an empty file. */
  readonly piecesRoot: Uint8Array | undefined;
};

export type Metainfo = {
  /** The suggested name: of the file, or of the folder. One safe segment. */
  readonly name: string;
  readonly format: TorrentFormat;
  /** True when the torrent is one bare file, false when it is a folder (even of one file). */
  readonly bareFile: boolean;
  readonly pieceLengthBytes: number;
  /** The content alone, without pads. */
  readonly totalBytes: number;
  /** The pieces from first to last byte, pads included: what the piece indices divide. */
  readonly spanBytes: number;
  readonly files: readonly ContentFile[];
  /** 20 bytes a piece; undefined in v2. */
  readonly piecesV1: Uint8Array | undefined;
  /**
   * BEP 52 piece layers that came with the torrent, each verified against its root: lowercase hex of the root → 32 bytes a
   * piece. A file longer than a piece whose layer is not here gets it from peers by hash requests.
   */
  readonly pieceLayers: ReadonlyMap<string, Uint8Array>;
  /** The raw bytes of `info`, as received: what the info-hashes cover and what metadata exchange serves. */
  readonly infoBytes: Uint8Array;
  readonly infoHashV1: InfoHashV1 | undefined;
  readonly infoHashV2: InfoHashV2 | undefined;
  /** BEP 12 tiers of announce URLs. */
  readonly trackers: readonly (readonly string[])[];
  /** BEP 19 URLs. */
  readonly webSeeds: readonly string[];
  /** BEP 27: no DHT, no PEX, no LSD. */
  readonly private: boolean;
  /** PEM of the root that peers of this closed swarm must chain to (libtorrent's SSL torrents). */
  readonly sslCert: string | undefined;
  readonly comment: string | undefined;
  readonly createdBy: string | undefined;
  readonly createdAtSeconds: number | undefined;
};

/** The 20 bytes that name the torrent on the wire, in trackers and in the DHT; v2 is truncated (BEP 52). */
export function wireInfoHashes(torrent: Pick<Metainfo, "infoHashV1" | "infoHashV2">): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  if (torrent.infoHashV1) hashes.push(torrent.infoHashV1);
  if (torrent.infoHashV2) hashes.push(torrent.infoHashV2.subarray(0, 20));
  return hashes;
}
