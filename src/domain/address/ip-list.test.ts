import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { passesFilter } from "./address-filter.ts";
import { IpList } from "./ip-list.ts";
import { parseIpList } from "./ip-list-text.ts";
import { parseIpv4 } from "./ip-number.ts";

function has(text: string, host: string): boolean {
  return parseIpList(text).list.has(host);
}

test("CIDR, single addresses and ranges of both families are read", () => {
  const text = "# a comment\n10.0.0.0/8\n\n1.2.3.4\n5.5.5.5 - 5.5.5.9\n2001:db8::/32\nfe80::1-fe80::5\n";
  const { list, refusedLines } = parseIpList(text);
  assert.equal(refusedLines, 0);
  assert.equal(list.rangeCount, 5);
  for (const host of ["10.0.0.0", "10.255.255.255", "1.2.3.4", "5.5.5.9", "2001:db8:ffff::1", "fe80::3"]) {
    assert.ok(list.has(host), host);
  }
  for (const host of ["9.255.255.255", "11.0.0.0", "1.2.3.5", "5.5.5.4", "2001:db9::", "fe80::6", "name", ""]) {
    assert.ok(!list.has(host), host);
  }
});

test("PeerGuardian's lines are read, whatever their descriptions hold", () => {
  const text = "Some: Company, Inc:1.0.0.0-1.0.0.255\r\nOther-range:2.0.0.1-2.0.0.1\r\n";
  assert.ok(has(text, "1.0.0.77"));
  assert.ok(has(text, "2.0.0.1"));
  assert.equal(parseIpList(text).refusedLines, 0);
});

test("descriptions cost little: a list with them is read in no more than a few times what the bare one takes", () => {
  const lines = Array.from({ length: 50_000 }, (_, n) => `5.${n >> 8}.${n & 255}.0-5.${n >> 8}.${n & 255}.9\n`);
  const described = lines.map((line, n) => `Some organisation ${n}: a note:${line}`).join("");
  const bare = lines.join("");
  const costOf = (text: string) => {
    const before = process.cpuUsage();
    assert.equal(parseIpList(text).refusedLines, 0);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const runs = Array.from({ length: 5 }, () => [costOf(described), costOf(bare)] as const);
  const least = (n: 0 | 1) => Math.min(...runs.map((run) => run[n]));
  assert.ok(least(0) < 6 * least(1), `${least(0)} µs against ${least(1)}`);
});

test("eMule's lines are read: padded numbers are decimal, and level 128 and above lets through", () => {
  const text = "001.002.003.004 - 001.002.003.009 , 000 , bad\n010.000.000.000 - 010.000.000.255 , 200 , good\n";
  assert.ok(has(text, "1.2.3.8"));
  assert.ok(!has(text, "10.0.0.1"));
  assert.ok(!has(text, "8.0.0.1"));
});

test("lines that hold no address are counted, not guessed", () => {
  const parsed = parseIpList("1.2.3\n1.2.3.256\n1.2.3.4/33\n9.9.9.9-1.1.1.1\n0x7f000001\nhello\n1.1.1.1\n");
  assert.equal(parsed.refusedLines, 6);
  assert.deepEqual(parsed.firstRefused, [1, 2, 3, 4, 5, 6]);
  assert.equal(parsed.list.rangeCount, 1);
});

test("IPv4 in IPv6's clothes is found in an IPv4 range", () => {
  assert.ok(has("10.0.0.0/8", "::ffff:10.1.1.1"));
});

test("overlapping and touching ranges answer as their union", () => {
  const address = fc.integer({ min: 0, max: 600 });
  fc.assert(
    fc.property(fc.array(fc.tuple(address, address), { maxLength: 40 }), address, (pairs, wanted) => {
      const ranges = pairs.map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
      const host = `0.0.${wanted >> 8}.${wanted & 255}`;
      const expected = ranges.some(({ first, last }) => first <= wanted && wanted <= last);
      assert.equal(new IpList(ranges).has(host), expected);
    }),
  );
});

test("a million ranges are searched in microseconds and kept in eight bytes each", () => {
  const ranges = Array.from({ length: 1_000_000 }, (_, n) => ({ first: n * 4000, last: n * 4000 + 99 }));
  const list = new IpList(ranges);
  assert.equal(list.rangeCount, 1_000_000);
  let found = 0;
  for (let n = 0; n < 100_000; n++) {
    const address = (n * 42_949) >>> 0;
    const host = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
    const expected = address % 4000 < 100 && address < 4_000_000_000;
    assert.equal(list.has(host), expected);
    found += expected ? 1 : 0;
  }
  assert.ok(found > 1000);
});

test("what is blocked stays blocked though it is allowed, and an allow list shuts everybody else out", () => {
  const block = parseIpList("10.0.0.5").list;
  const allow = parseIpList("10.0.0.0/24").list;
  assert.equal(passesFilter({ block, allow }, "10.0.0.5"), false);
  assert.equal(passesFilter({ block, allow }, "10.0.0.6"), true);
  assert.equal(passesFilter({ allow }, "10.0.1.6"), false);
  assert.equal(passesFilter({ block }, "10.0.1.6"), true);
  assert.equal(passesFilter({}, "10.0.1.6"), true);
});

test("only four decimal numbers are an IPv4 address", () => {
  for (const text of ["1.2.3", "1.2.3.4.5", "1..2.3", ".1.2.3", "1.2.3.", "0001.2.3.4", "1.2.3.4 ", "1.2.3.-4"]) {
    assert.equal(parseIpv4(text), undefined, text);
  }
  assert.equal(parseIpv4("255.255.255.255"), 0xffff_ffff);
});
