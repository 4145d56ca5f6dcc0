import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { BLOCK_BYTES, Layout, type LayoutSource } from "./layout.ts";

const PIECE = 32 * 1024;

function content(bytes: number, offsetBytes: number) {
  return { path: [`f${offsetBytes}`], bytes, offsetBytes, piecesRoot: undefined };
}

const V1: LayoutSource = {
  format: "v1",
  pieceLengthBytes: PIECE,
  spanBytes: 100_000,
  files: [content(10, 0), content(0, 10), content(60_000, 10), content(39_990, 60_010)],
};
const HYBRID: LayoutSource = {
  format: "hybrid",
  pieceLengthBytes: PIECE,
  spanBytes: PIECE * 3 + 5,
  files: [content(PIECE + 7, 0), content(0, PIECE * 2), content(20_000, PIECE * 2), content(5, PIECE * 3)],
};

function pieceOf(layout: Layout, n: number) {
  return present(layout.piece(n), "piece");
}

test("a number outside the torrent is no piece and no file", () => {
  const layout = new Layout(V1);
  for (const n of [-1, 4, 0.5, Number.NaN, 2 ** 40]) equal(layout.piece(n), undefined);
  for (const n of [-1, 4, 1.5]) equal(layout.file(n), undefined);
  equal(layout.pieceCount, 4);
});

test("a v1 piece covers the files that it overlaps, and skips empty ones", () => {
  const layout = new Layout(V1);
  deepEqual(layout.extents(pieceOf(layout, 0)), [
    { file: 0, fileOffsetBytes: 0, pieceOffsetBytes: 0, lengthBytes: 10 },
    { file: 2, fileOffsetBytes: 0, pieceOffsetBytes: 10, lengthBytes: PIECE - 10 },
  ]);
  deepEqual(layout.extents(pieceOf(layout, 1)), [
    { file: 2, fileOffsetBytes: PIECE - 10, pieceOffsetBytes: 0, lengthBytes: 60_010 - PIECE },
    { file: 3, fileOffsetBytes: 0, pieceOffsetBytes: 60_010 - PIECE, lengthBytes: PIECE * 2 - 60_010 },
  ]);
  equal(layout.lengthBytes(pieceOf(layout, 3)), 100_000 - 3 * PIECE);
});

test("the padding at the end of a piece is hashed in v1 but neither requested nor stored", () => {
  const layout = new Layout(HYBRID);
  equal(layout.pieceCount, 4);
  equal(layout.lengthBytes(pieceOf(layout, 1)), PIECE);
  equal(layout.dataBytes(pieceOf(layout, 1)), 7);
  equal(layout.blockCount(pieceOf(layout, 1)), 1);
  deepEqual(layout.block(pieceOf(layout, 1), 0), { beginBytes: 0, lengthBytes: 7 });
  deepEqual(layout.block(pieceOf(layout, 2), 1), { beginBytes: BLOCK_BYTES, lengthBytes: 20_000 - BLOCK_BYTES });
  equal(layout.block(pieceOf(layout, 2), 2), undefined);
});

test("every v2 piece belongs to one file", () => {
  const layout = new Layout(HYBRID);
  deepEqual(layout.place(pieceOf(layout, 1)), { file: 0, pieceInFile: 1 });
  deepEqual(layout.place(pieceOf(layout, 3)), { file: 3, pieceInFile: 0 });
  deepEqual(layout.piecesOf(present(layout.file(0), "file")), { first: 0, end: 2 });
  deepEqual(layout.piecesOf(present(layout.file(1), "file")), { first: 2, end: 2 });
  equal(new Layout(V1).place(pieceOf(new Layout(V1), 0)), undefined);
});

test("the extents of all pieces add up to every file, once", () => {
  for (const source of [V1, HYBRID]) {
    const layout = new Layout(source);
    const seen = source.files.map(() => 0);
    for (const piece of layout.pieces()) {
      for (const { file, fileOffsetBytes, lengthBytes } of layout.extents(piece)) {
        equal(fileOffsetBytes, seen[file]);
        seen[file] = fileOffsetBytes + lengthBytes;
      }
    }
    deepEqual(
      seen,
      source.files.map((file) => file.bytes),
    );
  }
});
