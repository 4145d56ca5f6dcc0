// Torrent files to `Metainfo`. Every claim is checked here, once; what comes out is trusted everywhere else.

import { hash, X509Certificate } from "node:crypto";
import { bytesEqual } from "../../base/bytes.ts";
import { ok } from "../../base/result.ts";
import type { Magnet } from "../../domain/metainfo/magnet.ts";
import type { InfoHashV1, InfoHashV2, Metainfo, TorrentFormat } from "../../domain/metainfo/metainfo.ts";
import { decode } from "../bencode/decode.ts";
import { BencodeDict } from "../bencode/value.ts";
import { readTrackers, readWebSeeds } from "./announce-urls.ts";
import { integerAt, nameOf, type Parsed, refuse, textAt, twinOf } from "./field.ts";
import { type FileList, type Geometry, readFilesV1, readPiecesV1 } from "./files-v1.ts";
import { readFilesV2, readPieceLayers } from "./files-v2.ts";
import { joinHalves } from "./hybrid.ts";

/** A piece is verified as a whole: this bounds the memory that one costs. */
export const PIECE_BYTES_MAX = 128 * 1024 * 1024;
/** As libtorrent: a bitfield of 256 KiB. */
const PIECES_MAX = 2 ** 21;
/** BEP 52: the least piece is one block. */
const PIECE_BYTES_MIN_V2 = 16 * 1024;
const CERTIFICATE_BYTES_MAX = 16 * 1024;
const COMMENT_CHARACTERS_MAX = 10_000;

/** Parses a .torrent file. The result keeps views into `bytes`: do not change them afterwards. */
export function parseTorrent(bytes: Uint8Array): Parsed<Metainfo> {
  const decoded = decode(bytes, { keyOrder: "strict-outside-lists" });
  if (!decoded.ok) return decoded;
  const root = decoded.value;
  if (!(root instanceof BencodeDict)) return refuse("metainfo.torrent_malformed", { detail: "it is no dictionary" });
  const info = root.get("info");
  if (info === undefined) return refuse("metainfo.field_missing", { field: "info" });
  if (!(info instanceof BencodeDict)) return refuse("metainfo.field_wrong", { field: "info" });
  const layers = root.get("piece layers");
  if (layers !== undefined && !(layers instanceof BencodeDict)) {
    return refuse("metainfo.field_wrong", { field: "piece layers" });
  }
  return readInfo(info, layers, {
    trackers: readTrackers(root.get("announce"), root.get("announce-list")),
    webSeeds: readWebSeeds(root.get("url-list")),
    comment: textAt(root, "comment", COMMENT_CHARACTERS_MAX),
    createdBy: textAt(root, "created by", COMMENT_CHARACTERS_MAX),
    createdAtSeconds: root.integer("creation date"),
  });
}

/** Metadata that peers sent for a magnet (BEP 9): it must be what the link names (H23). */
export function parseMetadata(infoBytes: Uint8Array, magnet: Magnet): Parsed<Metainfo> {
  const { infoHashV1, infoHashV2 } = magnet;
  const v1Wrong = infoHashV1 && !bytesEqual(hashV1(infoBytes), infoHashV1);
  const v2Wrong = infoHashV2 && !bytesEqual(hashV2(infoBytes), infoHashV2);
  if (v1Wrong || v2Wrong) return refuse("metainfo.hash_mismatch");
  const decoded = decode(infoBytes, { keyOrder: "strict-outside-lists" });
  if (!decoded.ok) return decoded;
  if (!(decoded.value instanceof BencodeDict)) return refuse("metainfo.field_wrong", { field: "info" });
  const parsed = readInfo(decoded.value, undefined, {
    trackers: magnet.trackers.map((url) => [url]),
    webSeeds: magnet.webSeeds,
    comment: undefined,
    createdBy: undefined,
    createdAtSeconds: undefined,
  });
  if (!parsed.ok) return parsed;
  // A v1 hash over v2-only metadata (or the reverse) names nothing that could be joined.
  const lacksHalf = (infoHashV1 && !parsed.value.infoHashV1) || (infoHashV2 && !parsed.value.infoHashV2);
  return lacksHalf ? refuse("metainfo.hash_mismatch") : parsed;
}

type Surroundings = Pick<Metainfo, "trackers" | "webSeeds" | "comment" | "createdBy" | "createdAtSeconds">;

function readInfo(info: BencodeDict, layers: BencodeDict | undefined, around: Surroundings): Parsed<Metainfo> {
  const format = readFormat(info);
  if (!format.ok) return format;
  const geometry = readGeometry(info, format.value);
  if (!geometry.ok) return geometry;
  const list = readFiles(info, format.value, geometry.value);
  if (!list.ok) return list;
  const { pieceLengthBytes, name } = geometry.value;
  const { files, spanBytes, bareFile } = list.value;
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (totalBytes === 0) return refuse("metainfo.files_missing");
  const pieces = Math.ceil(spanBytes / pieceLengthBytes);
  if (pieces > PIECES_MAX) return refuse("metainfo.pieces_exceeded", { pieces, piecesMax: PIECES_MAX });
  const piecesV1 = format.value === "v2" ? ok(undefined) : readPiecesV1(info, pieces);
  if (!piecesV1.ok) return piecesV1;
  const pieceLayers = readPieceLayers(format.value === "v1" ? undefined : layers, { files, pieceLengthBytes });
  if (!pieceLayers.ok) return pieceLayers;
  const sslCert = readCertificate(info);
  if (!sslCert.ok) return sslCert;
  return ok({
    name,
    format: format.value,
    bareFile,
    pieceLengthBytes,
    totalBytes,
    spanBytes,
    files,
    piecesV1: piecesV1.value,
    pieceLayers: pieceLayers.value,
    infoBytes: info.raw,
    // BEP 3: hash the original bytes; re-encoding may change them.
    infoHashV1: format.value === "v2" ? undefined : hashV1(info.raw),
    infoHashV2: format.value === "v1" ? undefined : hashV2(info.raw),
    // BEP 27 says 1. Who wrote anything else but 0 wanted the same, and what was spoken of once cannot be taken back.
    private: (info.get("private") ?? 0) !== 0,
    sslCert: sslCert.value,
    ...around,
  });
}

// BEP 52: read `meta version` first; everything else may mean something else in a version that we do not know.
function readFormat(info: BencodeDict): Parsed<TorrentFormat> {
  const version = info.get("meta version") ?? 1;
  if (version !== 1 && version !== 2) {
    const shown = typeof version === "number" || typeof version === "bigint" ? `${version}` : "?";
    return refuse("metainfo.version_unknown", { version: shown });
  }
  const hasTree = info.has("file tree");
  if (version === 2) return ok(info.has("pieces") || info.has("files") || info.has("length") ? "hybrid" : "v2");
  // A tree without its version would be seen by some clients and not by others.
  return hasTree ? refuse("metainfo.field_missing", { field: "meta version" }) : ok("v1");
}

function readGeometry(info: BencodeDict, format: TorrentFormat): Parsed<Geometry> {
  const nameBytes = twinOf(info, "name");
  if (nameBytes === undefined) return refuse("metainfo.field_missing", { field: "name" });
  if (!(nameBytes instanceof Uint8Array)) return refuse("metainfo.field_wrong", { field: "name" });
  const name = nameOf(nameBytes);
  if (!name.ok) return name;
  const bytes = integerAt(info, "piece length");
  if (!bytes.ok) return bytes;
  const inRange = bytes.value >= 1 && bytes.value <= PIECE_BYTES_MAX;
  const fitsV2 = bytes.value >= PIECE_BYTES_MIN_V2 && Number.isInteger(Math.log2(bytes.value));
  if (!inRange || (format !== "v1" && !fitsV2)) {
    return refuse("metainfo.piece_length_invalid", { bytes: bytes.value, bytesMax: PIECE_BYTES_MAX });
  }
  return ok({ name: name.value, pieceLengthBytes: bytes.value });
}

function readFiles(info: BencodeDict, format: TorrentFormat, geometry: Geometry): Parsed<FileList> {
  if (format === "v1") return readFilesV1(info, geometry);
  const v2 = readFilesV2(info, geometry);
  if (!v2.ok || format === "v2") return v2;
  const v1 = readFilesV1(info, geometry);
  return v1.ok ? joinHalves(v1.value, v2.value, geometry) : v1;
}

// H22: libtorrent's SSL torrents put one PEM certificate here; it replaces the trust store of the swarm.
function readCertificate(info: BencodeDict): Parsed<string | undefined> {
  const value = info.get("ssl-cert");
  if (value === undefined) return ok(undefined);
  if (!(value instanceof Uint8Array)) return refuse("metainfo.field_wrong", { field: "ssl-cert" });
  if (value.length > CERTIFICATE_BYTES_MAX) {
    return refuse("metainfo.certificate_invalid", { detail: `${value.length} bytes are too many` });
  }
  const pem = Buffer.from(value).toString("latin1");
  const blocks = pem.match(/-----BEGIN [^-]+-----/g) ?? [];
  if (blocks.length !== 1 || blocks[0] !== "-----BEGIN CERTIFICATE-----") {
    return refuse("metainfo.certificate_invalid", { detail: "there must be one block, of a certificate" });
  }
  return isCertificate(pem) ? ok(pem) : refuse("metainfo.certificate_invalid", { detail: "it cannot be read" });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function hashV1(infoBytes: Uint8Array): InfoHashV1 {
  return hash("sha1", infoBytes, "buffer") as Uint8Array as InfoHashV1;
}

function hashV2(infoBytes: Uint8Array): InfoHashV2 {
  return hash("sha256", infoBytes, "buffer") as Uint8Array as InfoHashV2;
}
