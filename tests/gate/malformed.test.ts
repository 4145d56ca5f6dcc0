// H183: captures that are cut, mutated or made of nothing sensible never crash the gate, never hang it, never fill memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Classifier } from "../../src/gate/classify/classifier.ts";
import { Decoder } from "../../src/wire/packet/decoder.ts";
import { LINK } from "../../src/wire/pcap/link.ts";
import { CaptureReader } from "../../src/wire/pcap/reader.ts";
import { ENDS, tcpFrames } from "./conversation.ts";
import { bytesOf, capture, ipv4, udp } from "./frames.ts";

const LINK_TYPES = Object.values(LINK);
const HANDSHAKE = bytesOf("\u{13}BitTorrent protocol".padEnd(68, "x"));
const SECONDS = Number(process.env["SWARMGATE_FUZZ_SECONDS"] ?? "2");

function read(bytes: Uint8Array): { readonly ok: boolean; readonly packets: number } {
  const classifier = new Classifier({ flowsMax: 256, talksMax: 64 });
  const decoder = new Decoder(classifier);
  const result = new CaptureReader(decoder).push(bytes);
  assert.ok(classifier.bytesAllocated < 64 << 20);
  return { ok: result.ok, packets: decoder.packets };
}

test("every truncation of a capture is read as far as it goes", () => {
  const whole = capture(LINK.ethernet, tcpFrames([{ by: 0, bytes: HANDSHAKE }]));
  for (let count = 0; count <= whole.length; count += 1)
    assert.equal(read(whole.subarray(0, count)).ok, true, `${count}`);
});

test("a capture may come in chunks of any size", () => {
  const whole = capture(LINK.ethernet, tcpFrames([{ by: 0, bytes: HANDSHAKE }]));
  const classifier = new Classifier({ flowsMax: 256, talksMax: 64 });
  const decoder = new Decoder(classifier);
  const reader = new CaptureReader(decoder);
  for (const byte of whole) assert.equal(reader.push(Uint8Array.from([byte])).ok, true);
  assert.equal(decoder.packets, 3);
});

test("what is no capture, and a record longer than any packet, are refused with their codes", () => {
  const refused = (bytes: Uint8Array): string | undefined => {
    const result = new CaptureReader(new Decoder(new Classifier({ flowsMax: 16, talksMax: 16 }))).push(bytes);
    return result.ok ? undefined : result.error.code;
  };
  assert.equal(refused(bytesOf("this is not a capture, not at all")), "gate.capture_unknown");
  const damaged = capture(LINK.ethernet, [new Uint8Array(60)]);
  damaged.fill(0x7f, 32, 36);
  assert.equal(refused(damaged), "gate.capture_damaged");
});

test("random bytes under every link type are decoded or passed over", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...LINK_TYPES),
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }),
      (link, frames) => {
        assert.equal(read(capture(link, frames)).packets, frames.length);
      },
    ),
    { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false },
  );
});

test("mutated packets never crash the recognisers", () => {
  const base = ipv4(ENDS, 17, udp(ENDS, bytesOf("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe")));
  const change = fc.tuple(fc.nat(base.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const packet = base.slice();
      for (const [at, value] of changes) packet[at] = value;
      assert.equal(read(capture(LINK.raw, [packet, packet])).ok, true);
    }),
    { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false },
  );
});

test("random conversations never crash the recognisers", () => {
  const openings = [
    "\u{13}BitTorrent",
    "GNUTELLA",
    "$Lock ",
    "GET /",
    "\u{e3}\u{50}\u{0}\u{0}\u{0}\u{1}",
    "HSUP AD",
    "",
  ].map(bytesOf);
  const chunk = fc.tuple(fc.constantFrom<0 | 1>(0, 1), fc.constantFrom(...openings), fc.uint8Array({ maxLength: 700 }));
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 16 }), fc.boolean(), (chunks, opened) => {
      const said = chunks.map(([side, opening, rest]) => ({ by: side, bytes: new Uint8Array([...opening, ...rest]) }));
      assert.equal(read(capture(LINK.ethernet, tcpFrames(said, { opened }))).ok, true);
    }),
    { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false },
  );
});
