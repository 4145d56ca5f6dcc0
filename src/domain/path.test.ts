import assert from "node:assert/strict";
import { test } from "node:test";
import { type PathFacts, pathGlyphs, pathOf } from "./path.ts";

function shown(facts: Partial<PathFacts>): string {
  return pathGlyphs(pathOf({ asked: { atMs: 1, who: "Mia" }, request: { state: "pending" }, ...facts }));
}

test("each state of a request, grant and transfer has its own path", () => {
  const request = { state: "approved", atMs: 2, who: "Rolf" } as const;
  assert.equal(shown({}), "●◐○○○○");
  assert.equal(shown({ request: { state: "denied", why: "no licence" } }), "●✕○○○○");
  assert.equal(shown({ request: { state: "withdrawn" } }), "●✕○○○○");
  assert.equal(shown({ request }), "●●◐○○○");
  assert.equal(shown({ request, transfer: { state: "fetching" } }), "●●◐○○○");
  assert.equal(shown({ request, transfer: { state: "failed" } }), "●●✕○○○");
  assert.equal(shown({ request, transfer: { state: "held" } }), "●●●◐○○");
  assert.equal(shown({ request, transfer: { state: "scanning" } }), "●●●●◐○");
  assert.equal(shown({ request, transfer: { state: "infected" } }), "●●●●✕○");
  assert.equal(shown({ request, transfer: { state: "released" } }), "●●●●●●");
});

test("a grant that ended stops the path where it stood, unless everything was released", () => {
  const request = { state: "approved" } as const;
  const grant = { state: "revoked", why: "wrong data" } as const;
  assert.equal(shown({ request, grant, transfer: { state: "fetching" } }), "●●✕○○○");
  assert.equal(shown({ request, grant }), "●●✕○○○");
  assert.equal(shown({ request, grant, transfer: { state: "released" } }), "●●●●●●");
  const path = pathOf({ asked: {}, request, grant, transfer: { state: "held" } });
  assert.deepEqual(path[3], { step: "hold", state: "refused", why: "wrong data" });
});
