// The events that programs read, and their page, are held to one another.

import { deepEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SLOW_CODES } from "../../engine/why.ts";
import { ENGINE_EVENTS } from "./events.ts";

const PAGE = readFileSync(new URL("../../../docs/engine-events.md", import.meta.url), "utf8");
const [EVENTS = "", CODES = ""] = PAGE.split("## Codes");

function rows(text: string): [string, string][] {
  return [...text.matchAll(/^\| `([\w-]+)` \| ([^|]+) \|/gm)].map(([, name = "", meaning = ""]) => [name, meaning]);
}

test("docs/engine-events.md has every event with its meaning, and no other", () => {
  deepEqual(Object.fromEntries(rows(EVENTS)), ENGINE_EVENTS);
});

test("docs/engine-events.md has every reason for being slow, and no other", () => {
  deepEqual(
    rows(CODES).map(([code]) => code),
    SLOW_CODES,
  );
});
