// What a peer, or the record of an earlier run, offers as the metadata of a magnet: right, of no use, or fatal.

import { type Failure, failure } from "../../base/failure.ts";
import { err, type Result } from "../../base/result.ts";
import { sentenceOf } from "../../domain/errors/table.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import { parseMetadata } from "../../wire/metainfo/parse.ts";

/** Undefined: the bytes are not what the magnet names, and somebody else may have those that are. */
export function readOffered(
  infoBytes: Uint8Array,
  magnet: Parameters<typeof parseMetadata>[1],
): Result<Metainfo, Failure> | undefined {
  const parsed = parseMetadata(infoBytes, magnet);
  if (parsed.ok) return parsed;
  if (parsed.error.code === "metainfo.hash_mismatch") return undefined;
  // The hash is right and the content is not: no other peer can have a better one.
  return err(failure("engine.metadata_unsafe", { why: sentenceOf(parsed.error) }, parsed.error));
}
