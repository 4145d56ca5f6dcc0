// The policy of a portal that has no own one yet: careful, and short enough to be read.

import type { Policy } from "../domain/policy.ts";

export const DEFAULT_POLICY: Policy = {
  version: "2026-1",
  text: `Peer-to-peer transfer is blocked on this network until a request is approved.

You may ask to download or share content for study, research or work. Say truthfully what it is and why you need it.

You are responsible for having the right to copy what you ask for. Content that is unlawful, or that you have no licence for, is never approved.

A grant is for you, for one of your devices, for the named content and for a limited time. Do not pass it on.

Everything that arrives is held and scanned before you can open it. Files in which malware is found are not released.

What you ask for, what was decided, by whom and why, and what was transferred is recorded. Reviewers and auditors of this institution can read that record.

A grant can be taken back at any time. Transfers under it then stop at once.`,
  rules: [
    {
      id: "share-outside",
      when: { direction: "share", swarm: "open" },
      outcome: "review",
      approvals: 2,
      says: "Sharing with people outside the institution needs two different reviewers.",
    },
    {
      id: "half-a-year",
      when: { durationSecondsOver: 183 * 86_400 },
      outcome: "refuse",
      says: "Nothing is granted for longer than half a year. Ask for a shorter time.",
    },
  ],
};
