import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { PIECE_HEAD_BYTES, REQUEST_BYTES, readRequest, writeBlockFrame, writePieceHead } from "./block-frame.ts";
import type { PeerMessage } from "./format.ts";
import { decodeMessage, encodeMessage, LENGTH_PREFIX_BYTES } from "./message.ts";

const root = new Uint8Array(32).fill(7);
const hashRange = { piecesRoot: root, baseLayer: 0, index: 512, length: 512, proofLayers: 3 };

export const GOLDEN: readonly (readonly [PeerMessage, string])[] = [
  [{ type: "choke" }, "0000000100"],
  [{ type: "unchoke" }, "0000000101"],
  [{ type: "interested" }, "0000000102"],
  [{ type: "notInterested" }, "0000000103"],
  [{ type: "have", piece: 1 }, "000000050400000001"],
  [{ type: "bitfield", bits: Uint8Array.of(0xff, 0x80) }, "0000000305ff80"],
  [{ type: "request", piece: 1, beginBytes: 0x4000, lengthBytes: 0x4000 }, "0000000d06000000010000400000004000"],
  [{ type: "piece", piece: 2, beginBytes: 5, data: Uint8Array.of(1, 2) }, "0000000b0700000002000000050102"],
  [{ type: "cancel", piece: 1, beginBytes: 0, lengthBytes: 1 }, "0000000d08000000010000000000000001"],
  [{ type: "port", port: 6881 }, "00000003091ae1"],
  [{ type: "suggest", piece: 3 }, "000000050d00000003"],
  [{ type: "haveAll" }, "000000010e"],
  [{ type: "haveNone" }, "000000010f"],
  [{ type: "reject", piece: 1, beginBytes: 2, lengthBytes: 3 }, "0000000d10000000010000000200000003"],
  [{ type: "allowedFast", piece: 4 }, "000000051100000004"],
  [{ type: "extended", extendedId: 0, payload: Buffer.from("de") }, "0000000414006465"],
  [{ type: "hashRequest", ...hashRange }, `0000003115${"07".repeat(32)}00000000${"00000200".repeat(2)}00000003`],
  [
    { type: "hashes", ...hashRange, hashes: root },
    `0000005116${"07".repeat(32)}00000000${"00000200".repeat(2)}00000003${"07".repeat(32)}`,
  ],
  [{ type: "hashReject", ...hashRange }, `0000003117${"07".repeat(32)}00000000${"00000200".repeat(2)}00000003`],
];

const plain = (message: object) =>
  Object.fromEntries(
    Object.entries(message).map(([k, v]) => [k, v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v]),
  );

test("every message has the bytes that the BEPs give it, both ways", () => {
  for (const [message, hex] of GOLDEN) {
    equal(Buffer.from(encodeMessage(message)).toString("hex"), hex);
    const decoded = decodeMessage(Buffer.from(hex, "hex").subarray(LENGTH_PREFIX_BYTES));
    deepEqual(decoded.ok && plain(decoded.value), plain(message));
  }
});

test("every truncation and every lengthening of a message without an open end is refused", () => {
  for (const [message, hex] of GOLDEN) {
    const body = Buffer.from(hex, "hex").subarray(LENGTH_PREFIX_BYTES);
    if (["bitfield", "piece", "extended", "hashes"].includes(message.type)) continue;
    for (let length = 0; length < body.length; length++) {
      const cut = decodeMessage(body.subarray(0, length));
      equal(cut.ok, false, `${message.type} cut to ${length}`);
    }
    deepEqual(decodeMessage(Buffer.concat([body, Buffer.alloc(1)])), { ok: false, error: "message-too-long" });
  }
});

test("a message with an unknown id is named as such and harms nothing", () => {
  deepEqual(decodeMessage(Uint8Array.of(99, 1, 2)), { ok: true, value: { type: "unknown", id: 99 } });
});

test("the frames written by hand are those of the declared encoder", () => {
  const target = Buffer.alloc(64);
  for (const block of [
    { piece: 0, beginBytes: 0, lengthBytes: 1 },
    { piece: 0x01020304, beginBytes: 0xfffffffe, lengthBytes: 16_384 },
    { piece: 0xffffffff, beginBytes: 0x80000000, lengthBytes: 0x4000 },
  ]) {
    for (const type of ["request", "cancel", "reject"] as const) {
      equal(writeBlockFrame(target, 3, type, block), 3 + REQUEST_BYTES);
      deepEqual(target.subarray(3, 3 + REQUEST_BYTES), encodeMessage({ type, ...block }));
    }
    deepEqual(readRequest(encodeMessage({ type: "request", ...block }).subarray(LENGTH_PREFIX_BYTES)), block);
    writePieceHead(target, 1, block);
    const declared = encodeMessage({ type: "piece", ...block, data: new Uint8Array(block.lengthBytes) });
    deepEqual(target.subarray(1, 1 + PIECE_HEAD_BYTES), present(declared, "frame").subarray(0, PIECE_HEAD_BYTES));
  }
});

test("what is not exactly a request is not read as one by the short way", () => {
  for (const [message, hex] of GOLDEN) {
    const body = Buffer.from(hex, "hex").subarray(LENGTH_PREFIX_BYTES);
    if (message.type !== "request") equal(readRequest(body), undefined, message.type);
    equal(readRequest(Buffer.concat([body, Buffer.alloc(1)])), undefined);
    equal(readRequest(body.subarray(0, -1)), undefined);
  }
});
