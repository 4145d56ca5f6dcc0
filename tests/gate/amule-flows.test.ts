// Real aMules in namespaces, plain and obfuscated: what they say in Kad and to each other is recognised, flow by flow.

import assert from "node:assert/strict";
import { test } from "node:test";
import { missing } from "../lab/requirements.ts";
import { amuleFlows } from "./amule-flows.ts";

for (const obfuscated of [false, true]) {
  test(`aMule, ${obfuscated ? "obfuscated" : "plain"}: Kad and eD2k are recognised`, {
    skip: missing("ip", "tcpdump", "amuled"),
  }, async () => {
    const flows = await amuleFlows(obfuscated);
    assert.deepEqual(
      flows.filter(({ application }) => application !== "emule"),
      [],
    );
    const codes = new Set(flows.map(({ why }) => why.code));
    assert.ok(codes.has("emule.obfuscated") === obfuscated, JSON.stringify([...codes]));
    assert.ok(codes.has("kad.obfuscated") === obfuscated, JSON.stringify([...codes]));
  });
}
