import assert from "node:assert/strict";
import { test } from "node:test";
import { inertText } from "./inert.ts";

test("H159: direction marks and control characters become visible marks", () => {
  assert.equal(inertText("holiday\u202Egpj.exe"), "holiday\ufffdgpj.exe");
  assert.equal(inertText("a\u0000b\u001b[31mc\u2066d"), "a\ufffdb\ufffd[31mc\ufffdd");
});

test("lines, tabs, joiners and every script stay as they are", () => {
  for (const text of ["line\nline\ttab", "👩‍🔬", "می‌خواهم", "Ünïcödé 数据集"]) assert.equal(inertText(text), text);
});
