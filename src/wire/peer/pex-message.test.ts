import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeHolepunch, encodeHolepunch, type HolepunchMessage } from "./holepunch-message.ts";
import { decodePexMessage, encodePexMessage, PEX_PEERS_MAX, type PexFlags, type PexPeer } from "./pex-message.ts";

const NO_FLAGS: PexFlags = {
  prefersEncryption: false,
  isSeed: false,
  speaksUtp: false,
  speaksHolepunch: false,
  isReachable: false,
};

function peer(n: number, flags: Partial<PexFlags> = {}): PexPeer {
  return { endpoint: { host: `8.8.${n >> 8}.${n & 255}`, port: 1000 + n }, flags: { ...NO_FLAGS, ...flags } };
}

test("what is told comes back, both families and flags included", () => {
  const added = [peer(1, { isSeed: true, speaksUtp: true }), peer(2, { isReachable: true })];
  const six: PexPeer = { endpoint: { host: "2a00:1450::5", port: 9 }, flags: { ...NO_FLAGS, speaksHolepunch: true } };
  const dropped = [{ host: "9.9.9.9", port: 1 }];
  const decoded = decodePexMessage(encodePexMessage({ added: [...added, six], dropped }));
  assert.deepEqual(decoded, { ok: true, value: { added: [...added, six], dropped } });
});

test("libtorrent's own message is read", () => {
  const message = Buffer.from(
    "d5:added6:\x08\x08\x08\x08\x1a\xe17:added.f1:\x126:added60:8:added6.f0:7:dropped0:e",
    "latin1",
  );
  const decoded = decodePexMessage(message);
  assert.ok(decoded.ok);
  assert.deepEqual(decoded.value.added[0]?.endpoint, { host: "8.8.8.8", port: 6881 });
  assert.equal(decoded.value.added[0]?.flags.isSeed, true);
});

test("H61: no more than fifty of each kind are told or taken", () => {
  const many = Array.from({ length: 200 }, (_, n) => peer(n));
  const decoded = decodePexMessage(encodePexMessage({ added: many, dropped: many.map(({ endpoint }) => endpoint) }));
  assert.ok(decoded.ok);
  assert.equal(decoded.value.added.length, PEX_PEERS_MAX);
  assert.equal(decoded.value.dropped.length, PEX_PEERS_MAX);
});

test("H67: bits of a flag byte that mean nothing are not kept", () => {
  const decoded = decodePexMessage(Buffer.from("d5:added6:\x08\x08\x08\x08\x1a\xe17:added.f1:\xe0e", "latin1"));
  assert.deepEqual(decoded.ok && decoded.value.added[0]?.flags, NO_FLAGS);
});

test("misaligned lists, nesting and noise are malformed", () => {
  for (const text of ["d5:added7:12345678e", "d8:dropped617:12345678901234567e", "le", "", "d1:add1:add1:ai1eeeee"]) {
    assert.equal(decodePexMessage(Buffer.from(text)).ok, false, text);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      decodePexMessage(noise);
      decodeHolepunch(noise);
    }),
  );
});

test("holepunch messages go to bytes and back, and every truncation is refused or means the same", () => {
  const messages: HolepunchMessage[] = [
    { type: "rendezvous", endpoint: { host: "8.8.8.8", port: 5 } },
    { type: "connect", endpoint: { host: "2a00:1450::5", port: 65_535 } },
    { type: "error", endpoint: { host: "8.8.8.8", port: 5 }, error: "not-connected" },
  ];
  for (const message of messages) {
    const bytes = encodeHolepunch(message);
    assert.deepEqual(decodeHolepunch(bytes), message);
    for (let length = 0; length < bytes.length; length++) {
      const cut = decodeHolepunch(bytes.subarray(0, length));
      assert.ok(cut === undefined || length === bytes.length - 4, `${message.type} cut to ${length}`);
    }
  }
});
