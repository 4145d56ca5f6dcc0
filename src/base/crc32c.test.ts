import { equal } from "node:assert/strict";
import { test } from "node:test";
import { crc32c } from "./crc32c.ts";

test("the checksum is the one that RFC 3720 and everybody else gives", () => {
  equal(crc32c(Buffer.from("123456789")), 0xe306_9283);
  equal(crc32c(new Uint8Array(32)), 0x8a91_36aa);
  equal(crc32c(new Uint8Array(0)), 0);
});
