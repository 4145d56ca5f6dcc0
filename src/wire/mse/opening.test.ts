import assert from "node:assert/strict";
import { test } from "node:test";
import { openingOf } from "./opening.ts";

const PLAIN = Buffer.from("\u{13}BitTorrent protocol", "latin1");

test("a plain handshake is known after twenty bytes and never before", () => {
  for (let length = 0; length < PLAIN.length; length++) assert.equal(openingOf(PLAIN.subarray(0, length)), "unknown");
  assert.equal(openingOf(PLAIN), "plain");
  assert.equal(openingOf(Buffer.concat([PLAIN, Buffer.alloc(48)])), "plain");
});

test("anything else is taken for an encrypted handshake at its first different byte", () => {
  assert.equal(openingOf(Uint8Array.of(0x14)), "mse");
  assert.equal(openingOf(Buffer.from("\u{13}BitTorrent protocoL", "latin1")), "mse");
});
