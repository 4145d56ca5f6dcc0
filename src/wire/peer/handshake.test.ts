import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { clientOfPeerId, printableName } from "./client-name.ts";
import { decodeHandshake, encodeHandshake, HANDSHAKE_BYTES, mayBeHandshake } from "./handshake.ts";

const infoHash = new Uint8Array(20).fill(0xab);
const peerId = new Uint8Array(20).fill(0xcd);
const GOLDEN = `13426974546f7272656e742070726f746f636f6c0000000000100014${"ab".repeat(20)}${"cd".repeat(20)}`;

test("a handshake has the bytes that libtorrent sends for extension protocol, fast extension and v2", () => {
  const bytes = encodeHandshake({ bits: new Set(["extended", "fast", "v2Upgrade"]), infoHash, peerId });
  equal(Buffer.from(bytes).toString("hex"), GOLDEN);
  const decoded = decodeHandshake(bytes);
  deepEqual(decoded.ok && [...decoded.value.bits].sort(), ["extended", "fast", "v2Upgrade"]);
  deepEqual(decoded.ok && decoded.value.peerId, peerId);
});

test("a stranger is told by its first wrong byte, and every truncation is refused", () => {
  const bytes = Buffer.from(GOLDEN, "hex");
  for (let length = 0; length < HANDSHAKE_BYTES; length++) {
    equal(decodeHandshake(bytes.subarray(0, length)).ok, false);
    equal(mayBeHandshake(bytes.subarray(0, length)), true);
  }
  for (let at = 0; at < 20; at++) {
    const wrong = Buffer.from(bytes);
    wrong[at] = (wrong[at] ?? 0) ^ 1;
    equal(mayBeHandshake(wrong.subarray(0, at + 1)), false);
    deepEqual(decodeHandshake(wrong), { ok: false, error: "not-bittorrent" });
  }
});

test("peer ids of known clients read as their names, others as unknown", () => {
  for (const [id, name] of [
    ["-TR3000-abcdefghijkl", "Transmission 3"],
    ["-LT2080-abcdefghijkl", "libtorrent 2.0.8"],
    ["-qB4520-abcdefghijkl", "qBittorrent 4.5.2"],
    ["A2-1-36-0-abcdefghij", "aria2 1.36.0"],
    ["-SG0100-abcdefghijkl", "Swarmgate 0.1"],
    ["\x00\x1b[31mabcdefghijklmno", "unknown"],
  ] as const) {
    equal(clientOfPeerId(Buffer.from(id, "latin1")), name);
  }
});

test("a client's name reaches a terminal without control or direction characters", () => {
  equal(printableName("a\x1b[2Jb\u202Ec\n"), "a[2Jbc");
  equal(printableName("x".repeat(100)).length, 60);
});
