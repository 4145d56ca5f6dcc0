import assert from "node:assert/strict";
import { test } from "node:test";
import { csvText } from "./csv.ts";

test("commas, quotes and line breaks stay inside their cell", () => {
  assert.equal(
    csvText(
      ["name", "bytes"],
      [
        ['a "b", c\nd', 5],
        ["plain", null],
      ],
    ),
    'name,bytes\r\n"a ""b"", c\nd",5\r\nplain,\r\n',
  );
});

test("H167: a cell that a spreadsheet would run as a formula is neutralised", () => {
  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
    assert.match(csvText(["n"], [[text]]), /\r\n"?'/);
});
