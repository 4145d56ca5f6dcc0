import { equal, notEqual } from "node:assert/strict";
import { test } from "node:test";
import { crc32c } from "../../base/crc32c.ts";
import { peerPriority } from "./peer-priority.ts";

function priority(a: string, b: string, ports: readonly [number, number] = [6881, 6882]): number | undefined {
  const [left, right] = [
    { host: a, port: ports[0] },
    { host: b, port: ports[1] },
  ];
  equal(peerPriority(left, right), peerPriority(right, left), "both ends compute the same");
  return peerPriority(left, right);
}

test("the vectors of BEP 40 come out", () => {
  equal(priority("123.213.32.10", "98.76.54.32"), 0xec2d_7224);
  equal(priority("123.213.32.10", "123.213.32.234"), 0x9956_8189);
});

test("of strangers only every second bit of the last two bytes counts, of neighbours more", () => {
  equal(priority("1.2.0.0", "9.9.9.9"), priority("1.2.170.170", "9.9.9.9"), "0xaa falls through the mask");
  notEqual(priority("1.2.0.0", "9.9.9.9"), priority("1.2.1.0", "9.9.9.9"));
  equal(priority("1.2.7.0", "1.2.9.0"), priority("1.2.7.170", "1.2.9.0"), "the same /16");
  notEqual(priority("1.2.7.0", "1.2.9.0"), priority("1.2.5.0", "1.2.9.0"));
  notEqual(priority("1.2.7.1", "1.2.7.9"), priority("1.2.7.3", "1.2.7.9"), "the same /24 counts in full");
});

test("IPv6 is masked behind its sixth byte, and one byte later for each that two addresses share", () => {
  const a = "2001:db8:1:aaaa::";
  equal(priority(a, "2001:db8:2::"), priority("2001:db8:1::", "2001:db8:2::"), "another /48");
  const [left, right] = [Buffer.alloc(16), Buffer.alloc(16)];
  left.write("20010db80001aa", "hex");
  right.write("20010db80001bb", "hex");
  // The same /48, so the seventh byte counts in full and the eighth by half.
  left[7] = 0xff & 0x55;
  equal(priority("2001:db8:1:aaff::", "2001:db8:1:bb00::"), crc32c(Buffer.concat([left, right])));
});

test("on one address the ports decide", () => {
  equal(priority("7.7.7.7", "7.7.7.7", [6881, 80]), crc32c(Uint8Array.of(0, 80, 0x1a, 0xe1)));
  equal(priority("7.7.7.7", "7.7.7.7", [80, 6881]), crc32c(Uint8Array.of(0, 80, 0x1a, 0xe1)));
});

test("addresses of two families, or none, have no priority", () => {
  equal(priority("7.7.7.7", "2001:db8::1"), undefined);
  equal(priority("a.name", "7.7.7.7"), undefined);
});
