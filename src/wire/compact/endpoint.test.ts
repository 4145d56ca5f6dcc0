import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../../base/bytes.ts";
import {
  decodeCompactEndpoint,
  decodeCompactEndpoints,
  encodeCompactEndpoint,
  encodeCompactEndpoints,
} from "./endpoint.ts";

test("endpoints of both families go to bytes and back", () => {
  assert.equal(toHex(encodeCompactEndpoint({ host: "1.2.3.4", port: 6881 })), "010203041ae1");
  for (const endpoint of [
    { host: "255.0.0.1", port: 65_535 },
    { host: "2a00:1450:4001::1", port: 1 },
  ]) {
    assert.deepEqual(decodeCompactEndpoint(encodeCompactEndpoint(endpoint)), endpoint);
  }
});

test("IPv4 in IPv6's clothes comes out as IPv4", () => {
  const bytes = Buffer.from("00000000000000000000ffff0102030400ff", "hex");
  assert.deepEqual(decodeCompactEndpoint(bytes), { host: "1.2.3.4", port: 255 });
});

test("rows of both families are written and read", () => {
  const peers = [
    { host: "10.77.0.2", port: 6881 },
    { host: "2001:db8::1", port: 51_413 },
  ];
  assert.deepEqual([...encodeCompactEndpoints(peers, 4)], [10, 77, 0, 2, 0x1a, 0xe1]);
  assert.deepEqual(decodeCompactEndpoints(encodeCompactEndpoints(peers, 4), 4), [peers[0]]);
  assert.deepEqual(decodeCompactEndpoints(encodeCompactEndpoints(peers, 6), 6), [peers[1]]);
});

test("H70: a list that is no whole number of rows is dropped, and so is every cut of a good one", () => {
  for (let length = 0; length < 40; length++) {
    assert.equal(decodeCompactEndpoints(new Uint8Array(length), 4) !== undefined, length % 6 === 0);
    assert.equal(decodeCompactEndpoints(new Uint8Array(length), 6) !== undefined, length % 18 === 0);
  }
  assert.deepEqual(decodeCompactEndpoints(new Uint8Array(0), 4), []);
});

test("H68: rows with port 0 or without an address are left out", () => {
  assert.deepEqual(decodeCompactEndpoints(Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 1, 1), 4), []);
  assert.deepEqual(decodeCompactEndpoints(Buffer.from("010203040000010203040005", "hex"), 4), [
    { host: "1.2.3.4", port: 5 },
  ]);
  assert.deepEqual(decodeCompactEndpoints(new Uint8Array(18).fill(1, 16), 6), []);
});
