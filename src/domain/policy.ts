// The institution's policy: the text that people accept, and the rules that decide what may be asked for at all.

import type { Application, Direction, SwarmKind } from "./grant.ts";
import { ROLES, type Role } from "./person.ts";

export type PolicyCondition = {
  readonly direction?: Direction;
  readonly application?: Application;
  readonly swarm?: SwarmKind;
  /** The rule is for those who have none of the other roles. */
  readonly role?: Role;
  readonly totalBytesOver?: number;
  readonly durationSecondsOver?: number;
  /** Lowercase hexadecimal, v1 or v2. */
  readonly infoHash?: string;
};

export type PolicyRule = {
  readonly id: string;
  readonly when: PolicyCondition;
  readonly outcome: "refuse" | "review";
  /** How many different people must approve; only for "review". */
  readonly approvals?: number;
  /** The sentence that the person reads. */
  readonly says: string;
};

export type Policy = {
  readonly version: string;
  readonly text: string;
  readonly rules: readonly PolicyRule[];
};

export type PolicyQuestion = {
  readonly direction: Direction;
  readonly application: Application;
  readonly swarm: SwarmKind;
  readonly roles: readonly Role[];
  readonly totalBytes?: number;
  readonly durationSeconds: number;
  readonly infoHashes: readonly string[];
};

type ReviewAnswer = {
  readonly outcome: "needs-review";
  readonly rule: string;
  readonly why: string;
  readonly approvals: number;
};
export type PolicyAnswer = { readonly outcome: "refused"; readonly rule: string; readonly why: string } | ReviewAnswer;

const DEFAULT_ANSWER: ReviewAnswer = {
  outcome: "needs-review",
  rule: "default",
  why: "Every request is looked at by one reviewer.",
  approvals: 1,
};

/** Deny wins: one refusing rule refuses, wherever it stands. Of the others the most demanding one counts. */
export function judge(policy: Policy, question: PolicyQuestion): PolicyAnswer {
  const matching = policy.rules.filter((rule) => matches(rule.when, question));
  const refusing = matching.find((rule) => rule.outcome === "refuse");
  if (refusing !== undefined) return { outcome: "refused", rule: refusing.id, why: refusing.says };
  let answer = DEFAULT_ANSWER;
  for (const rule of matching) {
    const approvals = rule.approvals ?? 1;
    if (approvals > answer.approvals || answer.rule === "default") {
      answer = {
        outcome: "needs-review",
        rule: rule.id,
        why: rule.says,
        approvals: Math.max(approvals, answer.approvals),
      };
    }
  }
  return answer;
}

function matches(when: PolicyCondition, question: PolicyQuestion): boolean {
  if (when.direction !== undefined && when.direction !== question.direction) return false;
  if (when.application !== undefined && when.application !== question.application) return false;
  if (when.swarm !== undefined && when.swarm !== question.swarm) return false;
  if (when.role !== undefined && highestRole(question.roles) !== when.role) return false;
  if (when.durationSecondsOver !== undefined && question.durationSeconds <= when.durationSecondsOver) return false;
  if (when.infoHash !== undefined && !question.infoHashes.includes(when.infoHash)) return false;
  // A size that nobody knows yet (a magnet) may be over any limit.
  if (when.totalBytesOver !== undefined && (question.totalBytes ?? Number.POSITIVE_INFINITY) <= when.totalBytesOver) {
    return false;
  }
  return true;
}

function highestRole(roles: readonly Role[]): Role {
  return ROLES.findLast((role) => roles.includes(role)) ?? "member";
}
