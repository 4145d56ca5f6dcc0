import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { keyOf } from "../bencode/value.ts";
import { accepted, infoV1, infoV2, leaf, oneFile, PIECE, refuses, SMALL, torrent } from "./sample-torrent.ts";

test("H30: a name in invalid or overlong UTF-8 is refused", () => {
  for (const hex of ["c0ae", "e080ae", "ff", "eda080", "f89f9f9f9f", "e29f"]) {
    refuses("path_bad_name", oneFile({ path: [Buffer.from(hex, "hex")] }), infoV1({ name: Buffer.from(hex, "hex") }));
    refuses(
      "path_bad_name",
      infoV2({ "file tree": new Map([[Buffer.from(hex, "hex").toString("latin1"), leaf(SMALL)]]) }),
    );
  }
});

test("H26: a path with .. is refused wherever it stands", () => {
  refuses("path_bad_name", infoV1({ name: ".." }), oneFile({ path: ["a", "..", "b"] }), oneFile({ path: [".."] }));
  refuses("path_separator", oneFile({ path: ["../sibling torrent/x"] }), infoV1({ name: "a/../../b" }));
  refuses("path_bad_name", oneFile({ path: [] }), oneFile({ path: [""] }));
});

test("H35: two files that would meet are refused", () => {
  const pair = (a: string, b: string) => [a, b].map((name) => ({ length: 10_000, path: [name] }));
  refuses("path_collision", infoV1({ files: pair("a", "A") }), infoV1({ files: pair("é", "e\u0301") }));
  const tree = new Map([
    [keyOf("A"), leaf(SMALL)],
    [keyOf("a"), leaf(SMALL)],
  ]);
  refuses("path_collision", infoV2({ "file tree": tree }));
});

test("H40: a symbolic link is refused, in v1 and v2", () => {
  refuses("path_symlink", oneFile({ attr: "l" }), oneFile({ attr: "xl" }), oneFile({ "symlink path": ["x"] }));
  refuses("path_symlink", infoV2({ "file tree": { a: leaf(SMALL, { attr: "l" }) } }));
});

test("H41: the executable attribute is read and means nothing", () => {
  deepEqual(Object.keys(accepted(torrent(oneFile({ attr: "x" }))).files[0] ?? {}).sort(), [
    "bytes",
    "offsetBytes",
    "path",
    "piecesRoot",
  ]);
});

test("H42: a pad file is a gap in the geometry and never one of the files", () => {
  const files = [
    { length: 100, path: ["a"] },
    { attr: "p", length: PIECE - 100, path: ["..", "/etc/passwd"] },
    { length: 5, path: ["b"] },
  ];
  const parsed = accepted(torrent(infoV1({ files })));
  deepEqual(
    parsed.files.map((file) => [file.path.join("/"), file.offsetBytes]),
    [
      ["a", 0],
      ["b", PIECE],
    ],
  );
});

test("H47: a pad as long as a piece, or in a v2 tree, is refused", () => {
  const files = [
    { attr: "p", length: PIECE, path: [".pad", "1"] },
    { length: 5, path: ["b"] },
  ];
  refuses("pad_invalid", infoV1({ files }), infoV2({ "file tree": { a: leaf(SMALL, { attr: "p" }) } }));
  refuses("pad_invalid", infoV1({ files: undefined, length: 20_000, attr: "p" }));
});
