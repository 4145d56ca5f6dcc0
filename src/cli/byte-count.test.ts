import { equal } from "node:assert/strict";
import { test } from "node:test";
import { parseBytes, sayBytes } from "./byte-count.ts";

test("counts are said in the unit that fits", () => {
  equal(sayBytes(0), "0 B");
  equal(sayBytes(1023), "1023 B");
  equal(sayBytes(1536), "1.5 KiB");
  equal(sayBytes(20 * 1024 ** 2), "20 MiB");
});

test("counts are read with and without units, and nothing else is", () => {
  equal(parseBytes("65536"), 65_536);
  equal(parseBytes("64K"), 65_536);
  equal(parseBytes("1 MiB"), 1_048_576);
  equal(parseBytes("2gb"), 2 ** 31);
  for (const text of ["", "-1", "1.5M", "K", "1e9", "99999999999999T"]) equal(parseBytes(text), undefined, text);
});
