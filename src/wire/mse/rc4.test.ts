import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../../base/bytes.ts";
import { Rc4 } from "./rc4.ts";

function keyStream(key: string, from: number, count: number): string {
  const cipher = new Rc4(new Uint8Array(Buffer.from(key, "hex")));
  cipher.skip(from);
  const bytes = new Uint8Array(count);
  cipher.apply(bytes);
  return toHex(bytes);
}

test("the key stream equals RFC 6229's vectors", () => {
  assert.equal(keyStream("0102030405", 0, 16), "b2396305f03dc027ccc3524a0a1118a8");
  assert.equal(keyStream("0102030405", 1024, 16), "30abbcc7c20b01609f23ee2d5f6bb7df");
  assert.equal(keyStream("0102030405060708090a0b0c0d0e0f10", 0, 16), "9ac7cc9a609d1ef7b2932899cde41b97");
});

test("applying twice gives the plain bytes back, and a source can be left alone", () => {
  const key = new Uint8Array([1, 2, 3]);
  const plain = new Uint8Array([9, 8, 7, 6]);
  const sealed = new Uint8Array(4);
  new Rc4(key).applyTo(plain, sealed);
  assert.deepEqual([...plain], [9, 8, 7, 6]);
  new Rc4(key).apply(sealed);
  assert.deepEqual(sealed, plain);
});
