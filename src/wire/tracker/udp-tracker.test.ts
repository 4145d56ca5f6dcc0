import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { encodeAnnounce, encodeConnect, encodeScrape, readUdpReply, transactionOf } from "./udp-tracker.ts";

const REQUEST = {
  infoHash: Buffer.alloc(20, 1),
  peerId: Buffer.alloc(20, 2),
  port: 6881,
  bytesUp: 3,
  bytesDown: 4,
  bytesLeft: 2 ** 40,
  event: "completed",
  peersWanted: 50,
  key: 0xdeadbeef,
} as const;

function packet(...words: number[]): Buffer {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [n, word] of words.entries()) bytes.writeUInt32BE(word, n * 4);
  return bytes;
}

test("the first packet is BEP 15's", () => {
  equal(Buffer.from(encodeConnect(0x01020304)).toString("hex"), "00000417271019800000000001020304");
});

test("an announce has its fields where BEP 15 says, and the URL's path behind them", () => {
  const bytes = Buffer.from(
    encodeAnnounce({ connection: 7n, transaction: 9, request: REQUEST, path: "/announce?key=1" }),
  );
  equal(bytes.length, 98 + 2 + 15);
  deepEqual([bytes.readBigUInt64BE(0), bytes.readUInt32BE(8), bytes.readUInt32BE(12)], [7n, 1, 9]);
  deepEqual([bytes.readBigUInt64BE(56), bytes.readBigUInt64BE(64), bytes.readBigUInt64BE(72)], [4n, 2n ** 40n, 3n]);
  deepEqual([bytes.readUInt32BE(80), bytes.readUInt32BE(84), bytes.readUInt32BE(88)], [1, 0, 0xdeadbeef]);
  deepEqual([bytes.readInt32BE(92), bytes.readUInt16BE(96), bytes[98], bytes[99]], [50, 6881, 2, 15]);
  const long = encodeAnnounce({ connection: 7n, transaction: 9, request: REQUEST, path: `/${"x".repeat(299)}` });
  equal(long.length, 98 + 2 + 255 + 2 + 45);
});

test("a scrape names one torrent, and its answer is three counts in BEP 15's order", () => {
  const bytes = Buffer.from(encodeScrape({ connection: 7n, transaction: 9, infoHash: REQUEST.infoHash }));
  equal(bytes.length, 36);
  deepEqual([bytes.readBigUInt64BE(0), bytes.readUInt32BE(8), bytes.readUInt32BE(12)], [7n, 2, 9]);
  deepEqual(Buffer.from(bytes.subarray(16)), REQUEST.infoHash);
  const scraped = readUdpReply(packet(2, 9, 5, 70, 6), 4);
  deepEqual(scraped, { kind: "scraped", reply: { seeders: 5, downloads: 70, leechers: 6 } });
});

test("replies are read by their action", () => {
  deepEqual(readUdpReply(packet(0, 9, 1, 2), 4), { kind: "connected", connection: (1n << 32n) + 2n });
  const announced = Buffer.concat([packet(1, 9, 1800, 5, 6), Buffer.from([10, 0, 0, 1, 0x1a, 0xe1])]);
  deepEqual(readUdpReply(announced, 4), {
    kind: "announced",
    reply: {
      peers: [{ host: "10.0.0.1", port: 6881 }],
      intervalSeconds: 1800,
      minIntervalSeconds: undefined,
      leechers: 5,
      seeders: 6,
      named: [],
      warning: undefined,
    },
  });
  deepEqual(readUdpReply(Buffer.concat([packet(3, 9), Buffer.from("no")]), 4), { kind: "refused", message: "no" });
  equal(transactionOf(packet(3, 77)), 77);
});

test("H81: cut, misaligned and unknown packets are discarded", () => {
  for (const good of [packet(0, 9, 1, 2), packet(1, 9, 1800, 5, 6), packet(2, 9, 5, 70, 6)]) {
    for (let cut = 0; cut < good.length; cut++) equal(readUdpReply(good.subarray(0, cut), 4), undefined);
  }
  equal(readUdpReply(Buffer.concat([packet(1, 9, 1, 2, 3), Buffer.alloc(7)]), 4), undefined);
  equal(readUdpReply(Buffer.concat([packet(1, 9, 1, 2, 3), Buffer.alloc(6)]), 6), undefined);
  equal(readUdpReply(packet(4, 9, 1, 2), 4), undefined);
});

test("arbitrary packets never throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void readUdpReply(bytes, 4)));
});
