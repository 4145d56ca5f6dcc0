// The error table, its page and its use tell one story: each is compared with the other, both ways.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorsPage } from "../../scripts/errors-doc.ts";
import { repositoryRoot } from "../../scripts/repository.ts";
import type { ErrorEntry } from "../../src/domain/errors/entry.ts";
import { ERROR_TABLE } from "../../src/domain/errors/table.ts";
import { CODE, codeUses } from "./error-codes.ts";

const ROWS: readonly (readonly [string, ErrorEntry])[] = Object.entries(ERROR_TABLE);
test("docs/errors.md is what the table says (npm run docs:errors writes it)", () => {
  assert.equal(readFileSync(join(repositoryRoot, "docs/errors.md"), "utf8"), errorsPage());
});

test("every code has the form plane.noun_condition, two sentences and an exit code that fits", () => {
  for (const [code, entry] of ROWS) {
    assert.match(code, CODE);
    assert.match(entry.says, /[.?!]$/, `${code}: says is no sentence`);
    assert.match(entry.next, /[.?!]$/, `${code}: next is no sentence`);
    assert.ok(entry.status >= 400 && entry.status < 600, `${code}: ${entry.status} is no error's status`);
  }
});

test("every code that the product names stands in the table", () => {
  const known = new Set(ROWS.map(([code]) => code));
  assert.deepEqual(
    codeUses().filter(({ code }) => !known.has(code)),
    [],
  );
});
