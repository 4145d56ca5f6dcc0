import assert from "node:assert/strict";
import { test } from "node:test";
import { matchPath } from "./match.ts";

test("the root matches only itself", () => {
  assert.deepEqual(matchPath("/", "/"), {});
  assert.equal(matchPath("/", "/ask"), undefined);
});

test("an optional parameter may be missing, and a slash at the end changes nothing", () => {
  assert.deepEqual(matchPath("/requests/:id?", "/requests"), {});
  assert.deepEqual(matchPath("/requests/:id?", "/requests/"), {});
  assert.deepEqual(matchPath("/requests/:id?", "/requests/R-1042"), { id: "R-1042" });
});

test("a longer path, another word or a broken escape does not match", () => {
  for (const path of ["/requests/R-1/extra", "/request/R-1", "/requests/%E0%A4"])
    assert.equal(matchPath("/requests/:id?", path), undefined);
});
