import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, type Policy, type PolicyQuestion, type PolicyRule } from "./policy.ts";

const question: PolicyQuestion = {
  direction: "download",
  application: "bittorrent",
  swarm: "open",
  roles: ["member"],
  totalBytes: 100,
  durationSeconds: 3600,
  infoHashes: ["a".repeat(40)],
};

function answer(rules: readonly PolicyRule[], asked: Partial<PolicyQuestion> = {}) {
  const policy: Policy = { version: "1", text: "", rules };
  return judge(policy, { ...question, ...asked });
}

test("without a rule one reviewer decides", () => {
  assert.equal(answer([]).outcome, "needs-review");
});

test("H107: deny wins, wherever the refusing rule stands", () => {
  const review: PolicyRule = { id: "all", when: {}, outcome: "review", says: "Looked at." };
  const refuse: PolicyRule = { id: "hash", when: { infoHash: "a".repeat(40) }, outcome: "refuse", says: "Never." };
  assert.equal(answer([review, refuse]).outcome, "refused");
  assert.equal(answer([refuse, review]).outcome, "refused");
  assert.equal(answer([refuse], { infoHashes: [] }).outcome, "needs-review");
});

test("of several reviewing rules the most demanding one counts", () => {
  const one: PolicyRule = { id: "one", when: {}, outcome: "review", says: "One." };
  const two: PolicyRule = { id: "two", when: { swarm: "open" }, outcome: "review", approvals: 2, says: "Two." };
  const given = answer([one, two]);
  assert.equal(given.outcome === "needs-review" && given.approvals, 2);
  assert.equal(given.rule, "two");
  assert.equal(answer([one, two], { swarm: "closed" }).rule, "one");
});

test("a size that nobody knows is over every limit", () => {
  const big: PolicyRule = { id: "big", when: { totalBytesOver: 1000 }, outcome: "refuse", says: "Too big." };
  assert.equal(answer([big]).outcome, "needs-review");
  const { totalBytes: _, ...unknown } = question;
  assert.equal(judge({ version: "1", text: "", rules: [big] }, unknown).outcome, "refused");
});

test("a rule for a role is for those who have none above it", () => {
  const members: PolicyRule = { id: "m", when: { role: "member" }, outcome: "refuse", says: "Not you." };
  assert.equal(answer([members]).outcome, "refused");
  assert.equal(answer([members], { roles: ["member", "publisher"] }).outcome, "needs-review");
});
