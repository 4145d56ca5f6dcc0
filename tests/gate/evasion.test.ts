// HOSTILE.md I as far as recognition goes: what somebody does who does not want to be recognised, and what merely looks
// like peer-to-peer.

import assert from "node:assert/strict";
import { createCipheriv, createHash } from "node:crypto";
import { test } from "node:test";
import { codesOf, linesOf, type Said, segment, tcpFrames, udpFrames } from "./conversation.ts";
import { bytesOf, ethernet, half, ipv4, joined, TCP, tcp, udp } from "./frames.ts";

const HANDSHAKE = joined(bytesOf("\u{13}BitTorrent protocol"), new Uint8Array(8), random("hash", 40));

function random(seed: string, count: number): Uint8Array {
  const key = createHash("sha256").update(seed).digest();
  return new Uint8Array(createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(count)));
}

const by = (side: 0 | 1, bytes: Uint8Array): Said => ({ by: side, bytes });
const words = (...values: readonly number[]): Uint8Array =>
  joined(...values.map((value) => joined(half(value >>> 16), half(value & 0xffff))));

test("H172: a handshake in one-byte segments is recognised", () => {
  const said = [...HANDSHAKE].map((byte) => by(0, Uint8Array.from([byte])));
  assert.deepEqual(codesOf(tcpFrames(said)), ["bt.handshake"]);
});

test("H172: a handshake whose segments come in the wrong order is recognised", () => {
  const frames = tcpFrames(
    [3, 7, 11, 47].map((size, index, sizes) => {
      const begin = sizes.slice(0, index).reduce((sum, one) => sum + one, 0);
      return by(0, HANDSHAKE.subarray(begin, begin + size));
    }),
  );
  const [syn, synAck, ...segments] = frames;
  assert.ok(syn !== undefined && synAck !== undefined);
  assert.deepEqual(codesOf([syn, synAck, ...segments.reverse()]), ["bt.handshake"]);
});

test("H173: a flow picked up in mid-stream is recognised by its messages", () => {
  const request = (begin: number): Uint8Array => joined(words(13), Uint8Array.from([6]), words(77, begin, 16_384));
  const piece = joined(words(16_393), Uint8Array.from([7]), words(77, 32_768), random("block", 1400));
  const said = [by(0, joined(request(0), request(16_384))), by(1, piece)];
  assert.deepEqual(codesOf(tcpFrames(said, { opened: false })), ["bt.messages"]);
});

test("H173: a flow whose content came first, more than is looked at, is recognised by the next request", () => {
  const content = Array.from({ length: 60 }, (_, index) => by(1, random(`content ${index}`, 1400)));
  const have = joined(words(5), Uint8Array.from([4]), words(12));
  const request = (blockBytes: number): Uint8Array =>
    joined(words(13), Uint8Array.from([6]), words(77, 32_768, blockBytes));
  const codes = (last: Uint8Array): string[] => codesOf(tcpFrames([...content, by(0, last)], { opened: false }));
  assert.deepEqual(codes(request(16_384)), ["bt.messages"]);
  assert.deepEqual(codes(joined(have, request(16_384))), ["bt.messages"]);
  for (const other of [have, request(16_385), request(16_384).subarray(0, 16), joined(request(16_384), words(9))]) {
    assert.deepEqual(codes(other), ["flow.ordinary"]);
  }
});

test("a connection whose handshakes were lost on the way to the gate is recognised by its messages", () => {
  const content = Array.from({ length: 30 }, (_, index) => by(1, random(`content ${index}`, 1400)));
  const piece = (begin: number): Uint8Array => joined(words(16_393), Uint8Array.from([7]), words(77, begin));
  const said = [by(0, HANDSHAKE), by(1, HANDSHAKE), by(1, piece(0)), ...content, by(1, piece(16_384)), ...content];
  const frames = tcpFrames(said);
  assert.deepEqual(codesOf(frames), ["bt.handshake"]);
  assert.deepEqual(codesOf([...frames.slice(0, 2), ...frames.slice(4)]), ["bt.messages"]);
});

test("H173: one block header alone decides nothing, for chance can make it", () => {
  const piece = joined(words(16_393), Uint8Array.from([7]), words(77, 32_768), random("block", 1400));
  assert.deepEqual(codesOf(tcpFrames([by(1, piece)], { opened: false })), ["flow.undecided"]);
});

test("H174: two-sided MSE is recognised by the fourth packet, and only with its third flight", () => {
  const greeting = by(0, random("a", 96 + 301));
  const answer = by(1, random("b", 96 + 77));
  const negotiation = by(0, random("c", 124));
  const [line] = linesOf(tcpFrames([greeting, answer, negotiation]));
  assert.equal(line?.why.code, "bt.mse");
  assert.ok((line?.decidedAtPacket ?? 99) <= 4);
  assert.deepEqual(codesOf(tcpFrames([greeting, answer])), ["flow.undecided"]);
});

test("what is as random as MSE, but framed, or Telegram's, is not taken for it", () => {
  const framed = (seed: string, count: number): Uint8Array => joined(half(count), random(seed, count));
  const rlpx = [by(0, framed("a", 400)), by(1, framed("b", 350)), by(0, random("c", 160))];
  assert.equal(linesOf(tcpFrames(rlpx))[0]?.application, null);
  const telegram = [by(0, telegramOpening()), by(1, random("b", 150)), by(0, random("c", 400))];
  assert.equal(linesOf(tcpFrames(telegram))[0]?.application, null);
});

// 64 bytes, of which 8 to 40 are the key and 40 to 56 the counter; the clear text names the inner framing at 56.
function telegramOpening(): Uint8Array {
  const opening = random("telegram", 169);
  const cipher = createCipheriv("aes-256-ctr", opening.subarray(8, 40), opening.subarray(40, 56));
  const clear = opening.slice(0, 64);
  clear.fill(0xef, 56, 60);
  return joined(opening.subarray(0, 56), cipher.update(clear).subarray(56), opening.subarray(64));
}

test("H176: DNS that resembles uTP is ordinary", () => {
  const question = joined(
    half(0x4100),
    half(0x0100),
    half(1),
    new Uint8Array(6),
    bytesOf("\u{1}a\u{0}"),
    half(1),
    half(1),
  );
  const answer = joined(half(0x4100), half(0x8180), half(1), half(1), new Uint8Array(4), random("dns", 24));
  const lines = linesOf(udpFrames([by(0, question), by(1, answer), by(0, question), by(1, answer)]));
  assert.deepEqual(
    lines.map((line) => line.application),
    [null],
  );
});

test("H177: BitTorrent on ports 443 and 53 is recognised as anywhere else, and the ports alone are nothing", () => {
  for (const port of [443, 53]) {
    const ends = { source: ["10.0.0.1", 40_000], destination: ["198.51.100.7", port] } as const;
    assert.deepEqual(codesOf([ethernet(0x0800, ipv4(ends, 6, tcp(ends, 9, TCP.push, HANDSHAKE)))]), ["bt.handshake"]);
  }
  const ends = { source: ["10.0.0.1", 6881], destination: ["198.51.100.7", 6881] } as const;
  assert.deepEqual(codesOf([ethernet(0x0800, ipv4(ends, 17, udp(ends, bytesOf("hello"))))]), ["flow.undecided"]);
});

test("H179: a full table keeps its size, and says which flows it gave up", () => {
  const frames = Array.from({ length: 500 }, (_, index) => {
    const ends = {
      source: [`10.0.${index >> 8}.${index & 255}`, 1024 + index],
      destination: ["198.51.100.7", 53],
    } as const;
    return ethernet(0x0800, ipv4(ends, 17, udp(ends, bytesOf("x"))));
  });
  const lines = linesOf(frames, undefined, 64);
  assert.equal(lines.length, 500);
});

test("H184: of overlapping segments that disagree, either version is judged", () => {
  const innocent = bytesOf("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".padEnd(68, " "));
  for (const [first, second] of [
    [innocent, HANDSHAKE],
    [HANDSHAKE, innocent],
  ] as const) {
    const frames = [...tcpFrames([by(0, first)]), segment(0, 1001, TCP.push, second)];
    assert.deepEqual(
      codesOf(frames).map((code) => code.slice(0, 12)),
      ["bt.handshake"],
    );
  }
});

test("a connection that was ordinary is judged anew when its ports are used again", () => {
  const ordinary = tcpFrames([
    by(0, bytesOf("SSH-2.0-x\r\n")),
    by(1, bytesOf("SSH-2.0-y\r\n")),
    by(0, random("k", 300)),
    by(1, random("k", 30)),
    by(0, random("k", 30)),
  ]);
  const again = [segment(0, 900_000, TCP.syn, new Uint8Array(0)), segment(0, 900_001, TCP.push, HANDSHAKE)];
  assert.deepEqual(codesOf([...ordinary, ...again]), ["bt.handshake"]);
});
