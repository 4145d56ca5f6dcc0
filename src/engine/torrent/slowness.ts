// Finds the reason why a torrent is slow or stuck, for the sentence that a person reads.

import type { DiscoveryStatus } from "../discovery/source.ts";
import type { SlowReason } from "../why.ts";

export type SlownessInput = {
  readonly sessions: readonly { readonly chokesUs: boolean; readonly weWant: boolean; readonly snubbed: boolean }[];
  readonly dialling: number;
  readonly known: number;
  readonly refused: number;
  readonly lastFailure: string;
  readonly missingEverywhere: number;
  readonly needsMetadata: boolean;
  readonly rateDown: number;
  readonly limit: number | undefined;
  readonly memoryIsFull: boolean;
  readonly discovery: readonly DiscoveryStatus[];
};

/** Undefined while bytes arrive as fast as can be expected. */
export function slownessOf(input: SlownessInput): SlowReason | undefined {
  const { sessions, limit, rateDown } = input;
  const peers = sessions.length;
  if (peers === 0) return whyAlone(input);
  if (input.needsMetadata) return { why: "no-metadata", peers };
  if (limit !== undefined && rateDown > limit * 0.8) return { why: "rate-limited", bytesPerSecond: limit };
  if (rateDown > 0) return undefined;
  if (sessions.every((session) => !session.weWant)) {
    const counted = input.discovery.flatMap(({ seeders }) => seeders ?? []);
    const seeders = counted.length > 0 ? { seeders: Math.max(...counted) } : {};
    return { why: "pieces-missing", peers, pieces: input.missingEverywhere, ...seeders };
  }
  if (sessions.every((session) => session.chokesUs)) return { why: "choked-by-all", peers };
  if (input.memoryIsFull) return { why: "disk-slow" };
  return { why: "peers-silent", peers };
}

function whyAlone(input: SlownessInput): SlowReason {
  if (input.dialling > 0) return { why: "connecting", peers: input.dialling };
  if (input.known > 0) return { why: "none-reachable", peers: input.known, lastFailure: input.lastFailure };
  if (input.refused > 0) return { why: "admission-refuses", peers: input.refused };
  const failing = input.discovery.find((one) => one.state === "failing" || one.state === "refused");
  return { why: "no-peers-known", trackerMessage: failing?.message };
}
