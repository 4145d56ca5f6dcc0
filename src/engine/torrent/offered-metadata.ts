// What a peer, or the record of an earlier run, offers as the metadata of a magnet: right, of no use, or fatal.

import { type Failure, failure } from "../../base/failure.ts";
import { err, type Result } from "../../base/result.ts";
import { sentenceOf } from "../../domain/errors/table.ts";
import { filesIn, type Magnet } from "../../domain/metainfo/magnet.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import { parseMetadata } from "../../wire/metainfo/parse.ts";

const CHOOSES_NOTHING = { detail: "its list of files (so=) names none that the torrent has" };

/** Undefined: the bytes are not what the magnet names, and somebody else may have those that are. */
export function readOffered(infoBytes: Uint8Array, magnet: Magnet): Result<Metainfo, Failure> | undefined {
  const parsed = parseMetadata(infoBytes, magnet);
  if (parsed.ok)
    return chooses(magnet, parsed.value) ? parsed : err(failure("metainfo.magnet_invalid", CHOOSES_NOTHING));
  if (parsed.error.code === "metainfo.hash_mismatch") return undefined;
  // The hash is right and the content is not: no other peer can have a better one.
  return err(failure("engine.metadata_unsafe", { why: sentenceOf(parsed.error) }, parsed.error));
}

function chooses({ selectOnly }: Magnet, { files }: Metainfo): boolean {
  return selectOnly === undefined || filesIn(selectOnly, files.length).length > 0;
}
