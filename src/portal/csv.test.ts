import assert from "node:assert/strict";
import { test } from "node:test";
import { csvLine } from "./csv.ts";

test("H167: no cell is a formula, whatever it begins with", () => {
  for (const begin of ["=", "+", "-", "@", "\t=", "\r=", " =", "|", "%"]) {
    assert.ok(csvLine([`${begin}cmd`]).startsWith(`"'`), JSON.stringify(begin));
  }
  assert.equal(csvLine(['say "hi"', "a,b\nc", ""]), '"say ""hi""","a,b\nc",""\r\n');
});
