// Reads a torrent file that a person named; what is wrong with it becomes the command's failure.

import { readFile, stat } from "node:fs/promises";
import { type Failure, FailureError, failure } from "../base/failure.ts";
import type { Metainfo } from "../domain/metainfo/metainfo.ts";
import { TORRENT_LIMITS } from "../wire/bencode/decode.ts";
import { parseTorrent } from "../wire/metainfo/parse.ts";

export async function readTorrentFile(path: string): Promise<Metainfo> {
  const found = await stat(path).catch((thrown: NodeJS.ErrnoException) => thrown);
  if (found instanceof Error) throw new FailureError(unopened(path, found));
  if (!found.isFile()) throw new FailureError(failure("cli.usage_wrong", { detail: `${path} is not a torrent file` }));
  if (found.size > TORRENT_LIMITS.bytesMax) {
    const data = { bytes: found.size, bytesMax: TORRENT_LIMITS.bytesMax };
    throw new FailureError(failure("metainfo.bencode_size_exceeded", data));
  }
  const bytes = await readFile(path).catch((thrown: NodeJS.ErrnoException) => thrown);
  if (bytes instanceof Error) throw new FailureError(unopened(path, bytes));
  const parsed = parseTorrent(bytes);
  if (!parsed.ok) throw new FailureError(parsed.error);
  return parsed.value;
}

function unopened(path: string, { code, message }: NodeJS.ErrnoException): Failure {
  // Nothing is fetched behind a person's back: an address may lead anywhere.
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    return failure("cli.usage_wrong", { detail: `${path} is an address; save the torrent file first, then name that` });
  }
  if (code === "ENOENT" || code === "ENOTDIR") return failure("cli.file_missing", { path });
  const why = code === "EACCES" || code === "EPERM" ? "you have no permission" : message;
  return failure("cli.file_unreadable", { path, why });
}
