import { deepEqual, equal } from "node:assert/strict";
import { isIPv6 } from "node:net";
import { test } from "node:test";
import * as fc from "fast-check";
import { addressBytes, addressText, readCompactPeers, writeCompactPeers } from "./compact-peers.ts";

test("rows of both families are written and read", () => {
  const peers = [
    { host: "10.77.0.2", port: 6881 },
    { host: "2001:db8::1", port: 51_413 },
  ];
  deepEqual([...writeCompactPeers(peers, 4)], [10, 77, 0, 2, 0x1a, 0xe1]);
  deepEqual(readCompactPeers(writeCompactPeers(peers, 4), 4), [peers[0]]);
  deepEqual(readCompactPeers(writeCompactPeers(peers, 6), 6), [peers[1]]);
});

test("H70: a list that is no whole number of rows is dropped, and so is every cut of a good one", () => {
  for (let length = 0; length < 40; length++) {
    equal(readCompactPeers(new Uint8Array(length), 4) !== undefined, length % 6 === 0);
    equal(readCompactPeers(new Uint8Array(length), 6) !== undefined, length % 18 === 0);
  }
});

test("H68: rows with port 0 or without an address are left out", () => {
  deepEqual(readCompactPeers(Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 1, 1), 4), []);
});

test("every address is written as text that is read back, and that the system understands", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 0, max: 16 }), (bytes, zeros) => {
      bytes.fill(0, 0, zeros);
      const text = addressText(bytes);
      equal(isIPv6(text), true, text);
      deepEqual(addressBytes(text), [...bytes], text);
    }),
  );
});

test("what is no address has no bytes", () => {
  for (const text of [
    "",
    "1.2.3",
    "1.2.3.256",
    "::1::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "g::1",
    "localhost",
    ":",
    "1::2:3:4:5:6:7:8",
  ]) {
    equal(addressBytes(text), undefined, text);
  }
});
