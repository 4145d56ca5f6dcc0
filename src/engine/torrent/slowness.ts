// Finds the reason why a torrent is slow or stuck, for the sentence that a person reads.

import type { DiscoveryStatus } from "../discovery/source.ts";
import type { SlowReason } from "../why.ts";

export type SlowPeer = {
  readonly chokesUs: boolean;
  readonly weWant: boolean;
  readonly snubbed: boolean;
  /** Whether it has said which pieces it has. */
  readonly told: boolean;
};

export type SlownessInput = {
  readonly sessions: readonly SlowPeer[];
  readonly dialling: number;
  readonly known: number;
  readonly refused: number;
  readonly banned: number;
  readonly lastFailure: string;
  readonly missingEverywhere: number;
  readonly needsMetadata: boolean;
  /** Only hashes are missing, of pieces that cannot be wanted without them. */
  readonly needsHashes: boolean;
  readonly rateDown: number;
  readonly limit: number | undefined;
  readonly waitsForDisk: boolean;
  readonly discovery: readonly DiscoveryStatus[];
};

/** Undefined while bytes arrive as fast as can be expected. */
export function slownessOf(input: SlownessInput): SlowReason | undefined {
  const { sessions, limit, rateDown } = input;
  const peers = sessions.length;
  if (peers === 0) return whyAlone(input);
  if (input.needsMetadata) return { why: "no-metadata", peers };
  if (input.needsHashes) return { why: "no-hashes", peers };
  if (limit !== undefined && rateDown > limit * 0.8) return { why: "rate-limited", bytesPerSecond: limit };
  if (input.waitsForDisk) return { why: "disk-slow" };
  return rateDown > 0 ? whySlow(sessions) : whyStuck(input);
}

function whySlow(sessions: readonly SlowPeer[]): SlowReason | undefined {
  const useful = sessions.filter((session) => session.weWant);
  const choking = useful.filter((session) => session.chokesUs).length;
  const most = choking * 2 > useful.length && choking < useful.length;
  return most ? { why: "choked-by-most", peers: useful.length, choking } : undefined;
}

function whyStuck({ sessions, missingEverywhere, discovery }: SlownessInput): SlowReason {
  const peers = sessions.length;
  const useful = sessions.filter((session) => session.weWant);
  if (useful.length === 0) {
    // A peer that has said nothing yet may have everything.
    if (sessions.some((session) => !session.told) || missingEverywhere === 0) return { why: "just-asked", peers };
    const counted = discovery.flatMap(({ seeders }) => seeders ?? []);
    const seeders = counted.length > 0 ? { seeders: Math.max(...counted) } : {};
    return { why: "pieces-missing", peers, pieces: missingEverywhere, ...seeders };
  }
  if (useful.every((session) => session.chokesUs)) return { why: "choked-by-all", peers: useful.length };
  const open = useful.filter((session) => !session.chokesUs);
  return open.every((session) => session.snubbed) ? { why: "peers-silent", peers } : { why: "just-asked", peers };
}

function whyAlone(input: SlownessInput): SlowReason {
  if (input.dialling > 0) return { why: "connecting", peers: input.dialling };
  if (input.known > 0) return { why: "none-reachable", peers: input.known, lastFailure: input.lastFailure };
  if (input.refused > 0) return { why: "admission-refuses", peers: input.refused };
  if (input.banned > 0) return { why: "all-banned", hosts: input.banned };
  return { why: "no-peers-known", trackerMessage: troubleOf(input.discovery) };
}

/** A refusal says more than a tracker that cannot be reached; one that works is no trouble. */
function troubleOf(discovery: readonly DiscoveryStatus[]): string | undefined {
  if (discovery.some((one) => one.state === "working")) return undefined;
  const trouble = discovery.find((one) => one.state === "refused") ?? discovery.find((one) => one.state === "failing");
  return trouble?.message;
}
