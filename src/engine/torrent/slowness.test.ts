import { equal } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { sayWhy } from "../why.ts";
import { type SlownessInput, slownessOf } from "./slowness.ts";

const STUCK: SlownessInput = {
  sessions: [{ chokesUs: false, weWant: false, snubbed: false }],
  dialling: 0,
  known: 1,
  refused: 0,
  lastFailure: "",
  missingEverywhere: 12,
  needsMetadata: false,
  rateDown: 0,
  limit: undefined,
  memoryIsFull: false,
  discovery: [],
};

function said(seeders: readonly number[]): string {
  const discovery = seeders.map((count) => ({
    source: "tracker" as const,
    name: "a tracker",
    state: "working" as const,
    peersFound: 1,
    seeders: count,
  }));
  return sayWhy(present(slownessOf({ ...STUCK, discovery }), "a reason"));
}

test("who waits for pieces that nobody connected has hears whether trackers know of somebody", () => {
  equal(said([]), "1 peer connected, none has the missing 12 pieces");
  equal(said([0]), "1 peer connected, none has the missing 12 pieces; the tracker knows of nobody who has all");
  equal(said([1, 3, 0]), "1 peer connected, none has the missing 12 pieces; the tracker counts 3 seeders");
});
