import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { byTreeOrder, choosePieceLength, placeFiles } from "./plan.ts";

const KIB = 1024;

test("piece lengths are powers of two that grow with the content", () => {
  const cases = [
    [1, 32 * KIB],
    [64 * KIB * KIB, 32 * KIB],
    [64 * KIB * KIB + 1, 64 * KIB],
    [4 * KIB ** 3, 2 * KIB * KIB],
    [10 * KIB ** 4, 16 * KIB * KIB],
  ] as const;
  for (const [bytes, expected] of cases) equal(choosePieceLength(bytes), expected);
});

test("files are ordered as the tree is walked: by the bytes of each segment, not of the whole path", () => {
  const paths = ["dir.x", "a", "dir/z", "dir/sub/c", "Z", "dir/b", "\u{10000}", "\u{ffff}"];
  const ordered = paths
    .map((path) => ({ path: path.split("/"), bytes: 1 }))
    .sort(byTreeOrder)
    .map(({ path }) => path.join("/"));
  deepEqual(ordered, ["Z", "a", "dir/b", "dir/sub/c", "dir/z", "dir.x", "\u{ffff}", "\u{10000}"]);
});

test("v1 packs files, v2 and hybrid begin each on a border, and a hybrid folder is padded to its end", () => {
  const sources = [
    { path: ["a"], bytes: 5 },
    { path: ["b"], bytes: 0 },
    { path: ["c"], bytes: 7 },
  ];
  const place = (format: "v1" | "v2" | "hybrid") =>
    placeFiles(sources, { format, pieceLengthBytes: 32, bareFile: false });
  const offsets = (format: "v1" | "v2" | "hybrid") => place(format).files.map((file) => file.offsetBytes);
  deepEqual([offsets("v1"), place("v1").spanBytes], [[0, 5, 5], 12]);
  deepEqual([offsets("v2"), place("v2").spanBytes], [[0, 32, 32], 39]);
  deepEqual([offsets("hybrid"), place("hybrid").spanBytes], [[0, 32, 32], 64]);
});
