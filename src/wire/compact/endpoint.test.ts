import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../../base/bytes.ts";
import { decodeCompactEndpoint, decodeCompactEndpoints, encodeCompactEndpoint } from "./endpoint.ts";

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

test("H70: a list of the wrong length is dropped whole, and port 0 is left out", () => {
  assert.equal(decodeCompactEndpoints(new Uint8Array(7), 4), undefined);
  assert.equal(decodeCompactEndpoints(new Uint8Array(17), 6), undefined);
  assert.deepEqual(decodeCompactEndpoints(Buffer.from("010203040000010203040005", "hex"), 4), [
    { host: "1.2.3.4", port: 5 },
  ]);
  assert.deepEqual(decodeCompactEndpoints(new Uint8Array(0), 4), []);
});
