// The torrent that a simulated swarm moves: its bytes come from the seed, so that every node can be checked against them.

import { createHash } from "node:crypto";
import { FailureError } from "../src/base/failure.ts";
import type { Metainfo } from "../src/domain/metainfo/metainfo.ts";
import { encodeTorrent } from "../src/wire/metainfo/encode.ts";
import { parseTorrent } from "../src/wire/metainfo/parse.ts";
import { SeededRandom } from "../src/world/sim/random.ts";

export type SimContent = { readonly metainfo: Metainfo; readonly bytes: Uint8Array };

export const CONTENT_NAME = "content.bin";

export function makeContent(seed: number, totalBytes: number, pieceLengthBytes: number): SimContent {
  const random = new SeededRandom(seed);
  const words = Uint32Array.from({ length: Math.ceil(totalBytes / 4) }, () => random.next32());
  const bytes = new Uint8Array(words.buffer, 0, totalBytes);
  const pieces: Buffer[] = [];
  for (let at = 0; at < totalBytes; at += pieceLengthBytes) {
    pieces.push(
      createHash("sha1")
        .update(bytes.subarray(at, at + pieceLengthBytes))
        .digest(),
    );
  }
  const parsed = parseTorrent(
    encodeTorrent({
      name: CONTENT_NAME,
      format: "v1",
      bareFile: true,
      pieceLengthBytes,
      spanBytes: totalBytes,
      files: [{ path: [CONTENT_NAME], bytes: totalBytes, offsetBytes: 0, piecesRoot: undefined }],
      piecesV1: new Uint8Array(Buffer.concat(pieces)),
      pieceLayers: new Map(),
      trackers: [],
      webSeeds: [],
      private: false,
      sslCert: undefined,
      comment: undefined,
      createdBy: undefined,
      createdAtSeconds: undefined,
    }),
  );
  if (!parsed.ok) throw new FailureError(parsed.error);
  return { metainfo: parsed.value, bytes };
}
