// What holds only of the finished product: an error that nothing raises is dead text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ERROR_TABLE } from "../../../src/domain/errors/table.ts";
import { codeUses } from "../error-codes.ts";

test("every code of the error table is used by the product", () => {
  const used = new Set(codeUses().map(({ code }) => code));
  assert.deepEqual(
    Object.keys(ERROR_TABLE).filter((code) => !used.has(code)),
    [],
  );
});
