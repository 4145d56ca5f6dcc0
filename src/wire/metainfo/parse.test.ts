import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { toHex } from "../../base/bytes.ts";
import { Layout } from "../../domain/metainfo/layout.ts";
import { hashPieceV2, pieceHashV2 } from "../../domain/metainfo/piece-hash.ts";
import { type BencodeInput, encode } from "../bencode/encode.ts";
import { parseMagnet } from "./magnet.ts";
import { parseMetadata, parseTorrent } from "./parse.ts";
import {
  accepted,
  codeOf,
  infoHybrid,
  infoV1,
  infoV2,
  LARGE,
  LAYERS,
  layerFor,
  leaf,
  oneFile,
  PIECE,
  refuses,
  rootFor,
  SMALL,
  torrent,
} from "./sample-torrent.ts";

test("a v1 torrent is read, and its hash covers the original bytes of info", () => {
  const bytes = torrent(infoV1(), { announce: "http://t.example/a", comment: "hi", "creation date": 5 });
  const parsed = accepted(bytes);
  deepEqual(
    parsed.files.map(({ path, bytes: length, offsetBytes }) => [path.join("/"), length, offsetBytes]),
    [
      ["a/b.txt", 20_000, 0],
      ["c", 30, 20_000],
    ],
  );
  equal(toHex(parsed.infoHashV1 ?? new Uint8Array()), createHash("sha1").update(encode(infoV1())).digest("hex"));
  deepEqual([parsed.format, parsed.infoHashV2, parsed.totalBytes, parsed.comment], ["v1", undefined, 20_030, "hi"]);
});

test("a v2 torrent is read; each file begins on a piece border", () => {
  const parsed = accepted(torrent(infoV2(), { "piece layers": LAYERS }));
  deepEqual(
    parsed.files.map((file) => file.offsetBytes),
    [0, 4 * PIECE],
  );
  equal(toHex(parsed.infoHashV2 ?? new Uint8Array()), createHash("sha256").update(encode(infoV2())).digest("hex"));
  const layout = new Layout(parsed);
  for (const piece of layout.pieces()) {
    const place = layout.place(piece);
    const data = place?.file === 0 ? LARGE.subarray(place.pieceInFile * PIECE, (place.pieceInFile + 1) * PIECE) : SMALL;
    const expected = pieceHashV2(parsed, layout, piece);
    equal(toHex(hashPieceV2(data, expected?.levels ?? 0)), toHex(expected?.hash ?? new Uint8Array()));
  }
});

test("a hybrid is read once, by both names", () => {
  const parsed = accepted(torrent(infoHybrid(), { "piece layers": LAYERS }));
  equal(parsed.format, "hybrid");
  truthy(parsed.infoHashV1 && parsed.infoHashV2);
  equal(parsed.files.length, 2);
  equal(parsed.totalBytes, LARGE.length + SMALL.length);
});

test("H12: a piece length that is zero, negative, too large or, in v2, no power of two is refused", () => {
  for (const bytes of [0, -1, 2 ** 30]) refuses("piece_length_invalid", infoV1({ "piece length": bytes }));
  for (const bytes of [0, -16_384, 8_192, 20_000, 2 ** 30]) {
    refuses("piece_length_invalid", infoV2({ "piece length": bytes }), infoHybrid({ "piece length": bytes }));
  }
  refuses("field_missing", infoV1({ "piece length": undefined }));
  refuses("pieces_exceeded", infoV1({ length: 2 ** 45, files: undefined }));
});

test("H13: piece hashes of another length than the files need are refused", () => {
  refuses("pieces_invalid", infoV1({ pieces: new Uint8Array(39) }), infoV1({ pieces: new Uint8Array(60) }));
  refuses("pieces_invalid", infoV1({ pieces: "" }), infoHybrid({ pieces: new Uint8Array(80) }));
  refuses("field_wrong", infoV1({ pieces: 7 }));
});

test("H14: a length that is negative, 2^53 or 2^63 - 1, or a sum past exact numbers, is refused", () => {
  for (const length of [-1, 2n ** 53n, 2n ** 63n - 1n, "7"]) refuses("length_invalid", oneFile({ length }));
  const huge = Array.from({ length: 3 }, (_, n) => ({ length: 2 ** 52, path: [`f${n}`] }));
  refuses("length_invalid", infoV1({ files: huge }));
  refuses("length_invalid", infoV2({ "file tree": { a: leaf(SMALL, { length: -5 }) } }));
});

test("H15: a torrent without content is refused", () => {
  refuses(
    "files_missing",
    infoV1({ files: [], pieces: "" }),
    infoV1({ files: [{ length: 0, path: ["a"] }], pieces: "" }),
  );
  refuses("tree_invalid", infoV2({ "file tree": {} }));
  refuses("field_missing", infoV1({ files: undefined }));
  refuses("files_ambiguous", infoV1({ length: 5 }));
});

test("H16: a v2 tree with .., a separator or an empty key is refused", () => {
  refuses("path_bad_name", infoV2({ "file tree": { "..": leaf(SMALL) } }));
  refuses("path_separator", infoV2({ "file tree": { "a/b": leaf(SMALL) } }));
  refuses("tree_invalid", infoV2({ "file tree": { "": leaf(SMALL) } }), infoV2({ "file tree": { d: {} } }));
});

test("H17: a tree whose root is a file, or where a file has siblings inside itself, is refused", () => {
  refuses("tree_invalid", infoV2({ "file tree": leaf(SMALL) }));
  refuses("tree_invalid", infoV2({ "file tree": { a: { "": { length: 1 }, b: leaf(SMALL) } } }));
  refuses("tree_invalid", infoV2({ "file tree": { a: 5 } }), infoV2({ "file tree": { a: { "": 5 } } }));
  refuses("field_wrong", infoV2({ "file tree": [] }));
});

test("H18: a pieces root that is missing, short or zero is refused", () => {
  for (const root of [undefined, new Uint8Array(31), new Uint8Array(33), new Uint8Array(32), 5]) {
    refuses("root_invalid", infoV2({ "file tree": { a: leaf(SMALL, { "pieces root": root }) } }));
  }
});

test("H19: a piece layer that is forged, mis-sized or of no file is refused", () => {
  const key = [...LAYERS.keys()][0] ?? "";
  const forged = layerFor(LARGE);
  forged[5] = (forged[5] ?? 0) ^ 1;
  const cases: BencodeInput[] = [
    new Map([[key, forged]]),
    new Map([[key, layerFor(LARGE).subarray(32)]]),
    new Map([[key, 5]]),
    new Map([[Buffer.from(rootFor(SMALL)).toString("latin1"), layerFor(SMALL)]]),
    { unknown: new Uint8Array(32) },
  ];
  for (const layers of cases) equal(codeOf(torrent(infoV2(), { "piece layers": layers })), "layer_invalid");
  equal(codeOf(torrent(infoV2(), { "piece layers": 5 })), "field_wrong");
  equal(accepted(torrent(infoV2())).pieceLayers.size, 0);
});

test("H20: a hybrid whose halves differ is refused", () => {
  const [large, pad, small] = infoHybrid()["files"] as BencodeInput[];
  const halves: BencodeInput[][] = [
    [{ length: LARGE.length, path: ["other"] }, pad ?? 0, small ?? 0],
    [{ length: LARGE.length - 1, path: ["large"] }, pad ?? 0, small ?? 0],
    [small ?? 0, large ?? 0],
    [large ?? 0, small ?? 0],
    [large ?? 0],
  ];
  for (const files of halves) {
    const code = codeOf(torrent(infoHybrid({ files }), { "piece layers": LAYERS }));
    truthy(code === "hybrid_differs", code);
  }
  refuses("hybrid_differs", infoHybrid({ files: undefined, length: LARGE.length }));
});

test("H21: an unknown meta version is refused before anything else is read", () => {
  for (const version of [0, 3, -1, 2n ** 60n, "2"]) refuses("version_unknown", infoV2({ "meta version": version }));
  refuses("field_missing", infoV2({ "meta version": undefined, ...infoV1() }));
});

test("BEP 27: whatever stands in place of the 1 is meant as one, and only 0 or nothing is not private", () => {
  for (const flag of [1, 2, -1, 2n ** 60n, "1", "", [1], {}]) {
    truthy(accepted(torrent(infoV1({ private: flag }), {})).private);
  }
  for (const flag of [0, undefined]) equal(accepted(torrent(infoV1({ private: flag }), {})).private, false);
});

test("H22: a garbage or huge ssl-cert is refused", () => {
  const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const cases = ["garbage", "x".repeat(1_000_000), pem, pem + pem, "-----BEGIN PRIVATE KEY-----\n"];
  for (const sslCert of cases) refuses("certificate_invalid", infoV1({ "ssl-cert": sslCert }));
  refuses("field_wrong", infoV1({ "ssl-cert": 5 }));
});

test("H23: metadata that is not what the magnet names is refused", () => {
  const info = encode(infoV1());
  const magnet = parseMagnet(
    `magnet:?xt=urn:btih:${createHash("sha1").update(info).digest("hex")}&tr=udp://t.example:1`,
  );
  truthy(magnet.ok);
  const parsed = parseMetadata(info, magnet.value);
  truthy(parsed.ok);
  deepEqual(parsed.value.trackers, [["udp://t.example:1"]]);
  const other = parseMetadata(encode(infoV1({ name: "other" })), magnet.value);
  equal(!other.ok && other.error.code, "metainfo.hash_mismatch");
});

test("H24: of five thousand trackers the first hundred are kept", () => {
  const tiers = Array.from({ length: 5_000 }, (_, n) => [`http://t${n}.example/announce`]);
  const parsed = accepted(torrent(infoV1(), { "announce-list": tiers }));
  equal(parsed.trackers.length, 100);
});

test("H86: trackers and web seeds of other schemes, or with line breaks, are dropped", () => {
  const urls = [
    "file:///etc/passwd",
    "gopher://x/",
    "http://a/\r\nX: y",
    " http://ok.example/a ",
    "udp://",
    "nonsense",
    "-20",
  ];
  const parsed = accepted(torrent(infoV1(), { "announce-list": urls.map((url) => [url]), "url-list": urls }));
  deepEqual(parsed.trackers, [["http://ok.example/a"]]);
  deepEqual(parsed.webSeeds, ["http://ok.example/a"]);
});

test("what is no torrent says so", () => {
  equal(codeOf(encode("libtorrent")), "torrent_malformed");
  equal(codeOf(encode({})), "field_missing");
  equal(codeOf(encode({ info: 5 })), "field_wrong");
  refuses("field_missing", infoV1({ name: undefined }), oneFile({ path: undefined }));
  refuses("field_wrong", infoV1({ name: 1348 }), oneFile({ path: "a" }), infoV1({ files: 5 }), infoV1({ files: [5] }));
});

test("every truncation of a torrent is refused", () => {
  for (const golden of [torrent(infoV1()), torrent(infoHybrid(), { "piece layers": LAYERS })]) {
    for (let cut = 0; cut < golden.length; cut++) equal(parseTorrent(golden.subarray(0, cut)).ok, false);
  }
});

test("a torrent with any byte changed is refused or still consistent, and never throws", () => {
  const golden = torrent(infoHybrid(), { "piece layers": LAYERS });
  fc.assert(
    fc.property(fc.nat(golden.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Uint8Array.from(golden);
      changed[at] = (changed[at] ?? 0) ^ flip;
      const parsed = parseTorrent(changed);
      if (!parsed.ok) return;
      const layout = new Layout(parsed.value);
      truthy(layout.pieceCount * 20 === (parsed.value.piecesV1?.length ?? layout.pieceCount * 20));
    }),
    { numRuns: 2_000 },
  );
});
