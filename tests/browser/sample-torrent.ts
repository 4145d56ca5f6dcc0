// Torrent files for requests that are never fetched: names and sizes count, the hashes of pieces are made up.

import { encode } from "../../src/wire/bencode/encode.ts";
import { seededBytes } from "../lab/content.ts";

const PIECE_BYTES = 1024 * 1024;

export type SampleFile = { readonly path: string; readonly bytes: number };

export function sampleTorrent(name: string, files: readonly SampleFile[], tracker?: string): Uint8Array {
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return encode({
    announce: tracker,
    info: {
      files: files.map(({ path, bytes }) => ({ length: bytes, path: path.split("/") })),
      name,
      "piece length": PIECE_BYTES,
      pieces: seededBytes(name, 20 * Math.ceil(totalBytes / PIECE_BYTES)),
    },
  });
}
