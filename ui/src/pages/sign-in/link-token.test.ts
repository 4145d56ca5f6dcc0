import assert from "node:assert/strict";
import { test } from "node:test";
import { linkToken } from "./link-token.ts";

test("a sign-in link gives its token, with or without its name", () => {
  assert.equal(linkToken({ path: "/sign-in", hash: "#token=aB3_-x" }), "aB3_-x");
  assert.equal(linkToken({ path: "/sign-in/link", hash: "#aB3_-x" }), "aB3_-x");
});

test("another page, no token or a strange one is no sign-in link", () => {
  for (const [path, hash] of [
    ["/ask", "#token=abc"],
    ["/sign-in", ""],
    ["/sign-in", "#token=<b>"],
  ] as const)
    assert.equal(linkToken({ path, hash }), undefined);
});
