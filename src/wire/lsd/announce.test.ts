import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeLsdAnnounce, encodeLsdAnnounce } from "./announce.ts";

const HASH = new Uint8Array(20).fill(0xaa);

test("an announcement is written as BEP 14 shows it, and read back", () => {
  const bytes = encodeLsdAnnounce({ infoHashes: [HASH], port: 6881, cookie: "c0" }, 4);
  assert.equal(
    Buffer.from(bytes).toString("latin1"),
    `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: ${"aa".repeat(20)}\r\ncookie: c0\r\n\r\n\r\n`,
  );
  const read = decodeLsdAnnounce(bytes);
  assert.deepEqual([read?.infoHashes.length, read?.port, read?.cookie], [1, 6881, "c0"]);
});

test("Transmission's capitals and missing spaces are read", () => {
  const text = `BT-SEARCH * HTTP/1.1\r\nHOST: x\r\nPORT:51413\r\nINFOHASH:${"AA".repeat(20)}\r\n\r\n\r\n`;
  assert.equal(decodeLsdAnnounce(Buffer.from(text))?.port, 51_413);
});

test("announcements without a hash or a port, with port 0, or too long are refused; noise never crashes", () => {
  const head = "BT-SEARCH * HTTP/1.1\r\n";
  const hash = `Infohash: ${"aa".repeat(20)}\r\n`;
  for (const text of [
    head,
    head + hash,
    `${head}Port: 5\r\n`,
    `${head + hash}Port: 0\r\n`,
    `${head + hash}Port: 99999\r\n`,
  ]) {
    assert.equal(decodeLsdAnnounce(Buffer.from(text)), undefined);
  }
  assert.equal(decodeLsdAnnounce(Buffer.from(`${head + hash}Port: 5\r\n${"x".repeat(2000)}`)), undefined);
  fc.assert(fc.property(fc.string(), (text) => void decodeLsdAnnounce(Buffer.from(head + text))));
});
