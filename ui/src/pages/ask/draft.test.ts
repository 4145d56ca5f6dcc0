import assert from "node:assert/strict";
import { test } from "node:test";
import type { Device } from "../../../../src/wire/api/v1/device.ts";
import { deviceOf, emptyDraft, faultsOf, readDraft } from "./draft.ts";

const device = (id: string): Device => ({
  id,
  name: id,
  platform: "linux",
  person: { id: "P-1", name: "Mara" },
  keyThumbprint: "",
  state: "active",
  joinedAtMs: 0,
  lastSeenAtMs: null,
});

test("an empty draft says all four things that are missing", () => {
  assert.deepEqual(Object.keys(faultsOf(emptyDraft("k"), [], "v1")), ["torrent", "reason", "deviceId", "policyRead"]);
});

test("the only device needs no choice, and of two one must be chosen", () => {
  assert.equal(deviceOf(emptyDraft("k"), [device("D-1")])?.id, "D-1");
  assert.equal(deviceOf(emptyDraft("k"), [device("D-1"), device("D-2")]), undefined);
});

test("a policy that changed has to be read again", () => {
  const draft = { ...emptyDraft("k"), policyRead: "v1" };
  assert.equal(faultsOf(draft, [], "v1").policyRead, undefined);
  assert.ok(faultsOf(draft, [], "v2").policyRead);
});

test("what was kept comes back, and what cannot be read is an empty draft", () => {
  assert.equal(readDraft(JSON.stringify({ reason: "for the course" }), "k").reason, "for the course");
  for (const kept of [undefined, "", "{", "null", "7"]) assert.deepEqual(readDraft(kept, "k"), emptyDraft("k"));
});
