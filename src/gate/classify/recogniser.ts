// What a recogniser is: a pure judgement over what a flow has said so far. It is asked after every payload packet until
// it says no or names its reason; `more` means that the flow may still turn out to be its own.

import type { Talk } from "../flow/talk.ts";
import type { WhyCode } from "../why.ts";

export type Judgement = WhyCode | "more" | "no";

export type Recogniser = {
  readonly name: string;
  readonly judge: (talk: Talk) => Judgement;
};

/** Where each recogniser keeps its words of the talk's memory. TCP and UDP flows never meet, so they share. */
export const MEMORY = {
  mse: 0,
  peerMessages: 5,
  ed2kObfuscated: 8,
  utp: 0,
  kadObfuscated: 11,
  udpTracker: 14,
  kad: 16,
  ed2kUdp: 20,
  kadObfuscatedBegin: 18,
} as const;
