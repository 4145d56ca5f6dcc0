// Requests that lie one behind the other, put together so that they cost one HTTP request and not one each.

import { present } from "../../base/assert.ts";
import type { Layout } from "../../domain/metainfo/layout.ts";
import type { BlockRange } from "../../wire/peer/block-frame.ts";

/** Memory that one run of requests may take. */
export const RUN_BYTES_MAX = 1024 * 1024;

export type Run = {
  readonly blocks: readonly BlockRange[];
  readonly lengthBytes: number;
  /** Parts of files, in order; what lies between them is padding. */
  readonly parts: readonly { file: number; fileOffsetBytes: number; runOffsetBytes: number; lengthBytes: number }[];
};

/** Takes the first request and those of the queue that continue it; undefined when the first is no range of the torrent. */
export function takeRun(queue: BlockRange[], layout: Layout): Run | undefined {
  const first = queue.shift();
  if (!first || !isInside(first, layout)) return undefined;
  const blocks = [first];
  let lengthBytes = first.lengthBytes;
  const startBytes = spanOffset(first, layout);
  for (;;) {
    const at = queue.findIndex((one) => spanOffset(one, layout) === startBytes + lengthBytes);
    const next = queue[at];
    if (!next || !isInside(next, layout) || lengthBytes + next.lengthBytes > RUN_BYTES_MAX) break;
    queue.splice(at, 1);
    blocks.push(next);
    lengthBytes += next.lengthBytes;
  }
  return { blocks, lengthBytes, parts: partsOf(blocks, layout) };
}

function partsOf(blocks: readonly BlockRange[], layout: Layout): Run["parts"] {
  const parts: { file: number; fileOffsetBytes: number; runOffsetBytes: number; lengthBytes: number }[] = [];
  let runOffsetBytes = 0;
  for (const { piece, beginBytes, lengthBytes } of blocks) {
    const index = present(layout.piece(piece), "a piece of the torrent");
    for (const extent of layout.extentsOf({ piece: index, beginBytes, lengthBytes })) {
      const at = runOffsetBytes + extent.pieceOffsetBytes - beginBytes;
      const last = parts.at(-1);
      const follows =
        last?.file === extent.file &&
        last.fileOffsetBytes + last.lengthBytes === extent.fileOffsetBytes &&
        last.runOffsetBytes + last.lengthBytes === at;
      if (last && follows) last.lengthBytes += extent.lengthBytes;
      else {
        const { file, fileOffsetBytes } = extent;
        parts.push({ file, fileOffsetBytes, runOffsetBytes: at, lengthBytes: extent.lengthBytes });
      }
    }
    runOffsetBytes += lengthBytes;
  }
  return parts;
}

function isInside({ piece, beginBytes, lengthBytes }: BlockRange, layout: Layout): boolean {
  const index = layout.piece(piece);
  return index !== undefined && lengthBytes > 0 && beginBytes + lengthBytes <= layout.lengthBytes(index);
}

function spanOffset({ piece, beginBytes }: BlockRange, layout: Layout): number {
  return piece * layout.pieceLengthBytes + beginBytes;
}
