// gzip: one stream of one or more members, of which some scanners look only at the first (H110).

import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { chunksOf, type Source } from "../source.ts";
import { BrokenContainer, type Container, fill, type Opening } from "./container.ts";

export const GZIP: Container = {
  name: "gzip",
  recognises: (source) => startsWith(source, [0x1f, 0x8b, 0x08]),
  open: (source, opening) => inflateWhole(source, opening, createGunzip(), /\.(gz|tgz|z)$/iu),
};

export const ZSTD: Container = {
  name: "zstd",
  recognises: (source) => startsWith(source, [0x28, 0xb5, 0x2f, 0xfd]),
  open: (source, opening) => inflateWhole(source, opening, createZstdDecompress(), /\.(zst|tzst)$/iu),
};

export function startsWith(source: Source, magic: readonly number[], beginBytes = 0): boolean {
  const head = source.read({ beginBytes, lengthBytes: magic.length });
  return head.length === magic.length && magic.every((byte, index) => head[index] === byte);
}

type Inflater = ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>;

async function inflateWhole(source: Source, opening: Opening, inflater: Inflater, ending: RegExp): Promise<void> {
  using spool = opening.spool();
  const input = Readable.from(chunksOf(source), { objectMode: false });
  input.on("error", (cause) => inflater.destroy(cause));
  try {
    await fill(spool, opening.budget, input.pipe(inflater));
  } catch (thrown) {
    if (isZlibError(thrown)) throw new BrokenContainer("Its compressed data is damaged.", { cause: thrown });
    throw thrown;
  } finally {
    input.destroy();
    inflater.destroy();
  }
  // zlib stops at the first byte that begins no further member; what follows was not unpacked.
  reportTrailing(source, inflater.bytesWritten, opening);
  using content = spool.source();
  await opening.member({ name: opening.name.replace(ending, "") || "content", content });
}

function reportTrailing(source: Source, consumedBytes: number, opening: Opening): void {
  for (const chunk of chunksOf(source, consumedBytes)) {
    if (chunk.some((byte) => byte !== 0)) {
      opening.report({
        outcome: "suspicious",
        reason: "container.trailing_data",
        why: "Something that is not part of the compressed data follows it.",
      });
      return;
    }
  }
}

export function isZlibError(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !("code" in thrown)) return false;
  return typeof thrown.code === "string" && /^(Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB|ERR_BROTLI)/.test(thrown.code);
}
