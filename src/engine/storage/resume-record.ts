// What survives a restart: which pieces were verified, how the files looked then, and a magnet's metadata.

import { createHash } from "node:crypto";
import { bytesEqual } from "../../base/bytes.ts";
import { type BencodeLimits, decode } from "../../wire/bencode/decode.ts";
import { encode } from "../../wire/bencode/encode.ts";
import { BencodeDict, isList } from "../../wire/bencode/value.ts";
import type { FileIdentity } from "../../world/disk.ts";

export type ResumeRecord = {
  /** One bit a piece; empty while the metadata is unknown. */
  readonly pieces: Uint8Array;
  readonly files: readonly (FileIdentity | undefined)[];
  /** The raw info dictionary, so that a magnet does not have to fetch it again. */
  readonly infoBytes: Uint8Array | undefined;
};

const VERSION = 1;
const CHECKSUM_BYTES = 32;
const LIMITS: BencodeLimits = { bytesMax: 64 * 1024 * 1024, depthMax: 4, tokensMax: 10_000_000 };
export const RESUME_BYTES_MAX = LIMITS.bytesMax;

export function encodeResumeRecord(record: ResumeRecord): Uint8Array {
  const body = encode({
    version: VERSION,
    pieces: record.pieces,
    files: record.files.map((file) => (file === undefined ? [] : [file.sizeBytes, Math.round(file.modifiedMs)])),
    info: record.infoBytes,
  });
  return new Uint8Array(Buffer.concat([checksum(body), body]));
}

/** Undefined for a record that is torn, altered or of another version (H146): the data is then checked in full. */
export function decodeResumeRecord(bytes: Uint8Array): ResumeRecord | undefined {
  const body = bytes.subarray(CHECKSUM_BYTES);
  if (bytes.length <= CHECKSUM_BYTES || !bytesEqual(bytes.subarray(0, CHECKSUM_BYTES), checksum(body)))
    return undefined;
  const decoded = decode(body, { limits: LIMITS });
  if (!decoded.ok || !(decoded.value instanceof BencodeDict) || decoded.value.integer("version") !== VERSION) {
    return undefined;
  }
  const dict = decoded.value;
  const pieces = dict.bytes("pieces");
  if (pieces === undefined) return undefined;
  const files = (dict.list("files") ?? []).map((entry) => {
    const [sizeBytes, modifiedMs] = isList(entry) ? entry : [];
    return typeof sizeBytes === "number" && typeof modifiedMs === "number" ? { sizeBytes, modifiedMs } : undefined;
  });
  return { pieces, files, infoBytes: dict.bytes("info") };
}

/** Whether the files look as they did when the record was written. */
export function filesUnchanged(record: ResumeRecord, now: readonly (FileIdentity | undefined)[]): boolean {
  if (record.files.length !== now.length) return false;
  return record.files.every((then, n) => {
    const file = now[n];
    if (then === undefined || file === undefined) return then === file;
    return then.sizeBytes === file.sizeBytes && then.modifiedMs === Math.round(file.modifiedMs);
  });
}

function checksum(body: Uint8Array): Uint8Array {
  return createHash("sha256").update(body).digest();
}
