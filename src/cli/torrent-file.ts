// Reads a torrent file that a person named; what is wrong with it becomes the command's failure.

import { readFile, stat } from "node:fs/promises";
import { FailureError, failure } from "../base/failure.ts";
import type { Metainfo } from "../domain/metainfo/metainfo.ts";
import { TORRENT_LIMITS } from "../wire/bencode/decode.ts";
import { parseTorrent } from "../wire/metainfo/parse.ts";

export async function readTorrentFile(path: string): Promise<Metainfo> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new FailureError(failure("cli.file_missing", { path }));
  if (!found.isFile()) throw new FailureError(failure("cli.usage_wrong", { detail: `${path} is not a torrent file` }));
  if (found.size > TORRENT_LIMITS.bytesMax) {
    const data = { bytes: found.size, bytesMax: TORRENT_LIMITS.bytesMax };
    throw new FailureError(failure("metainfo.bencode_size_exceeded", data));
  }
  const parsed = parseTorrent(await readFile(path));
  if (!parsed.ok) throw new FailureError(parsed.error);
  return parsed.value;
}
