import { deepEqual, equal } from "node:assert/strict";
import { isIPv6 } from "node:net";
import { test } from "node:test";
import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { addressBytes, addressText, familyOfHost } from "./address.ts";

test("every address is written as text that is read back, and that the system understands", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 0, max: 16 }), (bytes, zeros) => {
      bytes.fill(0, 0, zeros);
      // Not in IPv4's clothes, which are another test's.
      bytes[11] = 1;
      const text = addressText(bytes);
      equal(isIPv6(text), true, text);
      deepEqual(addressBytes(text), [...bytes], text);
      equal(text, ipaddr.fromByteArray([...bytes]).toString(), "the one form of RFC 5952");
    }),
  );
});

test("of equal runs of zeros the first is left out, a lone zero stays, and a mapped address is IPv4", () => {
  const text = (hex: string) => addressText(Buffer.from(hex, "hex"));
  equal(text("00000000000100000000000100010001"), "::1:0:0:1:1:1");
  equal(text("20010db8000000010001000100010001"), "2001:db8:0:1:1:1:1:1");
  equal(text("00000000000000000000000000000000"), "::");
  equal(text("20010000000000000000000000000000"), "2001::");
  equal(text("00000000000000000000ffff7f000001"), "127.0.0.1");
  deepEqual(addressBytes("::ffff:127.0.0.1"), [...Buffer.from("00000000000000000000ffff7f000001", "hex")]);
  deepEqual(addressBytes("fe80::1%eth0"), addressBytes("fe80::1"));
  deepEqual([familyOfHost("127.0.0.1"), familyOfHost("::1")], [4, 6]);
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
    "::1.2.3",
    "1.2.3.4::",
    "%eth0",
  ]) {
    equal(addressBytes(text), undefined, text);
  }
});
