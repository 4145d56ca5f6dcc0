import assert from "node:assert/strict";
import { test } from "node:test";
import { combineVerdicts, REASON_FORMAT_UNOPENED, type Verdict, type VerdictOutcome } from "./verdict.ts";

function verdict(outcome: VerdictOutcome, reason = "scan.test"): Verdict {
  return { outcome, engine: "test", signatureVersion: "1", reason, why: "Because.", within: [] };
}

test("no verdict at all is unscanned", () => {
  assert.equal(combineVerdicts([]).outcome, "unscanned");
});

test("the worst verdict counts, and unscanned beats clean", () => {
  assert.equal(combineVerdicts([verdict("clean"), verdict("infected"), verdict("suspicious")]).outcome, "infected");
  assert.equal(combineVerdicts([verdict("clean"), verdict("suspicious"), verdict("unscanned")]).outcome, "suspicious");
  assert.equal(combineVerdicts([verdict("clean"), verdict("unscanned")]).outcome, "unscanned");
  assert.equal(combineVerdicts([verdict("clean"), verdict("clean")]).outcome, "clean");
});

test("a format that one engine cannot open is answered by an engine that can", () => {
  const unopened = verdict("unscanned", REASON_FORMAT_UNOPENED);
  assert.equal(combineVerdicts([unopened, verdict("clean")]).outcome, "clean");
  assert.equal(combineVerdicts([unopened]).outcome, "unscanned");
  assert.equal(combineVerdicts([unopened, verdict("unscanned", "scan.clamd_silent")]).outcome, "unscanned");
});
