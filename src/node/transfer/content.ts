// What a transfer is about: the torrent or magnet that the grant names, and its files under their opaque names.

import { createHash } from "node:crypto";
import { toHex } from "../../base/bytes.ts";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { GrantClaims } from "../../domain/grant.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { TorrentSource } from "../../engine/contract.ts";
import { parseMagnet } from "../../wire/metainfo/magnet.ts";
import { parseTorrent } from "../../wire/metainfo/parse.ts";
import type { ContentHashes } from "../grants/keeper.ts";
import type { FileRecord } from "../store/transfers.ts";

/** Failure codes: those of the metainfo plane. */
export function sourceOf(content: {
  readonly torrent: Uint8Array | undefined;
  readonly magnet: string | undefined;
}): Result<TorrentSource, Failure> {
  if (content.torrent !== undefined) {
    const metainfo = parseTorrent(content.torrent);
    return metainfo.ok ? ok({ kind: "metainfo", metainfo: metainfo.value }) : metainfo;
  }
  const magnet = parseMagnet(content.magnet ?? "");
  // A grant is for the content as a whole, and so is what is released (decision 0008).
  return magnet.ok ? ok({ kind: "magnet", magnet: { ...magnet.value, selectOnly: undefined } }) : magnet;
}

export function hashesOf(source: TorrentSource): ContentHashes {
  const { infoHashV1, infoHashV2 } = source.kind === "metainfo" ? source.metainfo : source.magnet;
  return {
    infoHashV1: infoHashV1 === undefined ? undefined : toHex(infoHashV1),
    infoHashV2: infoHashV2 === undefined ? undefined : toHex(infoHashV2),
  };
}

/** One hash to call the content by: v1 where there is one. */
export function infoHashOf(hashes: ContentHashes): string {
  return hashes.infoHashV1 ?? hashes.infoHashV2 ?? "";
}

export function nameOf(source: TorrentSource): string {
  if (source.kind === "metainfo") return source.metainfo.name;
  return source.magnet.displayName ?? infoHashOf(hashesOf(source));
}

/** What the grant says of the content besides its hashes has to hold as well. */
export function withinGrant(claims: GrantClaims, metainfo: Metainfo): Result<undefined, Failure> {
  const { maxBytes } = claims;
  if (maxBytes === undefined || metainfo.totalBytes <= maxBytes) return ok();
  const why = `it is larger than the ${maxBytes} bytes that were granted`;
  return err(failure("node.grant_ended", { why }));
}

/** The name in quarantine: the same after a restart, and telling nothing of the content (H133). */
export function opaqueName(transferId: string, index: number): string {
  return `${createHash("sha256").update(`${transferId}/${index}`).digest("hex").slice(0, 32)}.held`;
}

export function fileRecords(transferId: string, metainfo: Metainfo, nowMs: number): FileRecord[] {
  return metainfo.files.map((file, index) => ({
    entryId: `Q-${createHash("sha256").update(`entry/${transferId}/${index}`).digest("hex").slice(0, 12)}`,
    transferId,
    index,
    path: file.path,
    bytes: file.bytes,
    piecesRoot: file.piecesRoot === undefined ? undefined : toHex(file.piecesRoot),
    opaque: opaqueName(transferId, index),
    state: "fetching",
    sha256: undefined,
    verdict: undefined,
    engines: undefined,
    libraryPath: undefined,
    sinceMs: nowMs,
  }));
}
