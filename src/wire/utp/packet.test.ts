import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "../../base/bytes.ts";
import {
  decodeUtpPacket,
  encodeUtpPacket,
  padUtpPacket,
  stampUtpHeader,
  UNSTAMPED,
  UTP_PADDING_BYTES_MAX,
  type UtpHeader,
} from "./packet.ts";
import { nextSequence, sequenceDistance } from "./sequence.ts";

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const header: fc.Arbitrary<UtpHeader> = fc.record({
  type: fc.constantFrom("data", "fin", "state", "reset", "syn"),
  connectionId: u16,
  sentUs: u32,
  delayUs: u32,
  windowBytes: u32,
  sequence: u16,
  acknowledged: u16,
  selectiveAck: fc.option(
    fc.integer({ min: 1, max: 63 }).map((words) => new Uint8Array(words * 4).fill(0xa5)),
    { nil: undefined },
  ),
});

function bytes(hex: string): Uint8Array {
  const decoded = fromHex(hex.replaceAll(" ", ""));
  assert.ok(decoded);
  return decoded;
}

test("a SYN as libtorrent sends it is read field by field", () => {
  const packet = decodeUtpPacket(bytes("4100 1a2b 00000001 00000000 00100000 0001 0000"));
  assert.ok(packet);
  assert.equal(packet.type, "syn");
  assert.equal(packet.connectionId, 0x1a2b);
  assert.equal(packet.sentUs, 1);
  assert.equal(packet.windowBytes, 0x100000);
  assert.equal(packet.sequence, 1);
  assert.equal(packet.payload.length, 0);
});

test("a chain of extensions is followed: unknown ones are skipped, a close reason is read", () => {
  const packet = decodeUtpPacket(
    bytes("1102 0000 00000000 00000000 00000000 0007 0003 0108aabbccddeeff0011 0304 01000080 0004 00000101 ff"),
  );
  assert.ok(packet);
  assert.equal(toHex(packet.selectiveAck ?? new Uint8Array()), "01000080");
  assert.equal(packet.closeReason, 0x101);
  assert.deepEqual([...packet.payload], [0xff]);
});

test("libtorrent's selective ack of 13 bytes is read", () => {
  const packet = decodeUtpPacket(bytes(`2101 0000 00000000 00000000 00000000 0007 0003 000d ${"80".padEnd(26, "f")}`));
  assert.equal(packet?.selectiveAck?.length, 13);
});

test("what is encoded decodes to the same, payload included", () => {
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 1400 }), (fields, payload) => {
      const packet = decodeUtpPacket(encodeUtpPacket(fields, payload));
      assert.deepEqual(
        { ...packet, selectiveAck: [...(packet?.selectiveAck ?? [])], payload: [...(packet?.payload ?? [])] },
        { ...fields, selectiveAck: [...(fields.selectiveAck ?? [])], payload: [...payload], closeReason: undefined },
      );
    }),
  );
});

test("a padded packet has the size that was asked for, and decodes to what it was", () => {
  const plainHeader = { type: "data", connectionId: 7, ...UNSTAMPED, sequence: 9, selectiveAck: undefined } as const;
  const payload = Buffer.from("payload");
  const packet = encodeUtpPacket(plainHeader, payload);
  const plain = decodeUtpPacket(packet);
  for (let padding = 2; padding <= UTP_PADDING_BYTES_MAX; padding++) {
    const padded = padUtpPacket(packet, packet.length + padding);
    assert.equal(padded.length, packet.length + padding);
    assert.deepEqual(decodeUtpPacket(padded), plain, `${padding} bytes of padding`);
  }
  assert.equal(padUtpPacket(packet, packet.length + 1), packet, "one byte cannot be added");
});

test("every truncation of a packet with extensions is refused until its payload begins", () => {
  const whole = bytes("0102 0000 00000000 00000000 00000000 0007 0003 0108aabbccddeeff0011 0004 01000080");
  for (let length = 0; length < whole.length; length++) {
    assert.equal(decodeUtpPacket(whole.subarray(0, length)), undefined);
  }
  assert.equal(decodeUtpPacket(whole)?.payload.length, 0);
});

test("other versions, unknown types and endless chains are refused", () => {
  const rest = "0000 00000000 00000000 00000000 0000 0000";
  for (const hex of [`4000 ${rest}`, `4200 ${rest}`, `5100 ${rest}`, `f100 ${rest}`]) {
    assert.equal(decodeUtpPacket(bytes(hex)), undefined);
  }
  assert.equal(decodeUtpPacket(bytes(`2102 ${rest} ${"0200".repeat(20)}`)), undefined);
});

test("arbitrary datagrams never crash the decoder", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      decodeUtpPacket(noise);
      if (noise.length > 0) noise[0] = 0x01;
      decodeUtpPacket(noise);
    }),
    { numRuns: 2000 },
  );
});

test("a stamp changes the times, the window and the acknowledgement only", () => {
  const fields: UtpHeader = {
    type: "data",
    connectionId: 9,
    sentUs: 1,
    delayUs: 2,
    windowBytes: 3,
    sequence: 4,
    acknowledged: 5,
    selectiveAck: undefined,
  };
  const packet = encodeUtpPacket(fields, new Uint8Array([1]));
  stampUtpHeader(packet, { sentUs: 11, delayUs: 12, windowBytes: 13, acknowledged: 15 });
  const again = decodeUtpPacket(packet);
  assert.deepEqual(
    [again?.sentUs, again?.delayUs, again?.windowBytes, again?.sequence, again?.acknowledged],
    [11, 12, 13, 4, 15],
  );
});

test("sequence numbers wrap", () => {
  assert.equal(nextSequence(0xffff), 0);
  assert.equal(sequenceDistance(0xfffe, 3), 5);
  assert.equal(sequenceDistance(3, 0xfffe), -5);
});
