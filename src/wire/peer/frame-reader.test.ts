import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { array, constantFrom, property as forAll, integer, assert as property } from "fast-check";
import type { PeerMessage } from "./format.ts";
import { type FrameFault, FrameReader, type FrameSink } from "./frame-reader.ts";
import { decodeMessage, encodeMessage, KEEP_ALIVE } from "./message.ts";

type Seen = { readonly what: string; readonly bytes: string };

function recorder() {
  const seen: Seen[] = [];
  let target = Buffer.alloc(0);
  const faults: FrameFault[] = [];
  const sink: FrameSink = {
    blockBegins(_piece, _begin, length) {
      target = Buffer.alloc(length);
      return target;
    },
    blockEnds(piece, beginBytes) {
      const frame = encodeMessage({ type: "piece", piece, beginBytes, data: target });
      seen.push({ what: "frame", bytes: Buffer.from(frame).toString("hex") });
    },
    message(body) {
      const decoded = decodeMessage(body);
      ok(decoded.ok && decoded.value.type !== "unknown");
      seen.push({ what: "frame", bytes: Buffer.from(encodeMessage(decoded.value)).toString("hex") });
    },
    keepAlive: () => seen.push({ what: "frame", bytes: Buffer.from(KEEP_ALIVE).toString("hex") }),
    fault: (why) => faults.push(why),
  };
  return { seen, faults, sink };
}

const MESSAGES: readonly Uint8Array[] = (
  [
    { type: "choke" },
    { type: "have", piece: 9 },
    { type: "bitfield", bits: new Uint8Array(9000).fill(3) },
    { type: "request", piece: 1, beginBytes: 2, lengthBytes: 3 },
    { type: "piece", piece: 7, beginBytes: 16_384, data: new Uint8Array(16_384).fill(5) },
    { type: "piece", piece: 7, beginBytes: 0, data: Uint8Array.of(1) },
    { type: "extended", extendedId: 3, payload: new Uint8Array(0) },
  ] satisfies PeerMessage[]
)
  .map((message) => encodeMessage(message))
  .concat([KEEP_ALIVE]);

test("however the stream is cut, the same frames come out as the declared codec would give", () => {
  property(
    forAll(
      array(constantFrom(...MESSAGES), { maxLength: 12 }),
      array(integer({ min: 1, max: 9000 })),
      (frames, cuts) => {
        const { seen, faults, sink } = recorder();
        const reader = new FrameReader(sink);
        const stream = Buffer.concat(frames);
        let at = 0;
        for (let turn = 0; at < stream.length; turn++) {
          const count = cuts.length === 0 ? 7 : (cuts[turn % cuts.length] ?? 1);
          reader.push(stream.subarray(at, at + count));
          at += count;
        }
        deepEqual(
          seen.map((one) => one.bytes),
          frames.map((frame) => Buffer.from(frame).toString("hex")),
        );
        equal(faults.length, 0);
      },
    ),
  );
});

function faultOf(bytes: Uint8Array, cut = bytes.length): FrameFault | undefined {
  const { faults, sink, seen } = recorder();
  const reader = new FrameReader(sink);
  for (let at = 0; at < bytes.length; at += cut) reader.push(bytes.subarray(at, at + cut));
  reader.push(MESSAGES[0] ?? KEEP_ALIVE);
  if (faults.length > 0) equal(seen.length, 0, "nothing is delivered after a fault");
  return faults[0];
}

function head(length: number, id: number): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32BE(length);
  bytes[4] = id;
  return bytes;
}

test("H48: a length of 0xffffffff is refused, of a block as of any message, whole or cut", () => {
  for (const cut of [1, 5, 20]) {
    equal(faultOf(head(0xffffffff, 7), cut), "block-too-long");
    equal(faultOf(head(0xffffffff, 20), cut), "frame-too-long");
    equal(faultOf(head(0xffffffff, 200), cut), "frame-too-long");
  }
});

test("H49: 2 MiB + 1 is refused, and a block longer than was ever asked for", () => {
  equal(faultOf(head(2 * 1024 * 1024 + 1, 5)), "frame-too-long");
  equal(faultOf(head(16 * 1024 + 10, 7)), "block-too-long");
  equal(faultOf(head(9, 7)), "block-too-short");
  equal(faultOf(head(3, 7)), "block-too-short");
});

test("a skipped block is passed over and the stream goes on behind it", () => {
  const { seen, sink } = recorder();
  const reader = new FrameReader({ ...sink, blockBegins: () => undefined });
  for (const message of MESSAGES) reader.push(message);
  equal(seen.length, MESSAGES.length - 2);
});

test("H64: a frame that promises 2 MiB and sends a byte at a time costs what was sent, not what was promised", () => {
  const { sink } = recorder();
  const readers = Array.from({ length: 200 }, () => new FrameReader(sink));
  const before = process.memoryUsage().arrayBuffers;
  for (const reader of readers) reader.push(head(2 * 1024 * 1024, 5));
  ok(process.memoryUsage().arrayBuffers - before < 4 * 1024 * 1024);
});
