import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { toHex } from "../../base/bytes.ts";
import { SocksHandshake, unwrapSocksDatagram, wrapSocksDatagram } from "./handshake.ts";

const TARGET = { host: "1.2.3.4", port: 80 };
const ANSWER = Buffer.from("0500000105060708001162797465", "hex");

test("a handshake is what RFC 1928 shows, and the answer's rest is kept", () => {
  const handshake = new SocksHandshake("connect", TARGET, undefined);
  assert.equal(toHex(handshake.start()), "050100");
  const request = handshake.receive(Buffer.of(5, 0));
  assert.equal(request.at === "waiting" && toHex(request.send), "05010001010203040050");
  const done = handshake.receive(ANSWER);
  assert.ok(done.at === "done");
  assert.deepEqual(done.bound, { host: "5.6.7.8", port: 17 });
  assert.equal(Buffer.from(done.rest).toString(), "byte");
});

test("every truncation waits", () => {
  for (let length = 0; length < 10; length++) {
    const handshake = new SocksHandshake("associate", TARGET, undefined);
    handshake.receive(Buffer.of(5, 0));
    assert.equal(handshake.receive(ANSWER.subarray(0, length)).at, "waiting");
    assert.equal(handshake.receive(ANSWER.subarray(length, 10)).at, "done");
  }
});

test("noise is refused or waited on, never a crash; fragments are dropped", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
      const handshake = new SocksHandshake("connect", TARGET, undefined);
      handshake.receive(noise);
      unwrapSocksDatagram(noise);
    }),
  );
  const datagram = wrapSocksDatagram(Buffer.from("x"), TARGET);
  assert.deepEqual(unwrapSocksDatagram(datagram)?.from, TARGET);
  datagram[2] = 1;
  assert.equal(unwrapSocksDatagram(datagram), undefined);
});
