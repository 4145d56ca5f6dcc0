// Why a transfer is slow or stuck, as data and as one sentence that a person understands.

import { unreachable } from "../base/assert.ts";

export type SlowReason =
  /** What the tracker said, or what kept it from saying anything, as a sentence. */
  | { readonly why: "no-peers-known"; readonly trackerMessage: string | undefined }
  | { readonly why: "connecting"; readonly peers: number }
  | { readonly why: "none-reachable"; readonly peers: number; readonly lastFailure: string }
  | { readonly why: "admission-refuses"; readonly peers: number }
  | { readonly why: "all-banned"; readonly hosts: number }
  | { readonly why: "no-metadata"; readonly peers: number }
  | { readonly why: "no-hashes"; readonly peers: number }
  | { readonly why: "rate-limited"; readonly bytesPerSecond: number }
  | { readonly why: "disk-slow" }
  | { readonly why: "pieces-missing"; readonly peers: number; readonly pieces: number; readonly seeders?: number }
  | { readonly why: "choked-by-all"; readonly peers: number }
  /** Bytes come, but only from some of those who have what is missing. */
  | { readonly why: "choked-by-most"; readonly peers: number; readonly choking: number }
  | { readonly why: "just-asked"; readonly peers: number }
  | { readonly why: "peers-silent"; readonly peers: number };

const CODES = {
  "no-peers-known": true,
  connecting: true,
  "none-reachable": true,
  "admission-refuses": true,
  "all-banned": true,
  "no-metadata": true,
  "no-hashes": true,
  "rate-limited": true,
  "disk-slow": true,
  "pieces-missing": true,
  "choked-by-all": true,
  "choked-by-most": true,
  "just-asked": true,
  "peers-silent": true,
} satisfies Record<SlowReason["why"], true>;
/** All of them, for the page that explains them. */
export const SLOW_CODES = Object.keys(CODES);

/** One sentence without the final stop; text from outside in it was made printable where it came in. */
export function sayWhy(reason: SlowReason): string {
  switch (reason.why) {
    case "no-peers-known":
      return `nobody who has this content is known${reason.trackerMessage === undefined ? " yet" : `: ${clause(reason.trackerMessage)}`}`;
    case "connecting":
      return `connecting to ${count(reason.peers, "peer")}`;
    case "none-reachable":
      return `none of ${count(reason.peers, "known peer")} could be reached (last: ${reason.lastFailure})`;
    case "admission-refuses":
      return `${count(reason.peers, "peer")} known, but none that this grant allows`;
    case "all-banned":
      return `${count(reason.hosts, "peer")} sent wrong data and ${reason.hosts === 1 ? "was" : "were"} shut out, and nobody else is known`;
    case "no-metadata":
      return `${count(reason.peers, "peer")} connected, none has sent the description of the content yet`;
    case "no-hashes":
      return `${count(reason.peers, "peer")} connected, none has sent the hashes that prove the pieces yet`;
    case "rate-limited":
      return `held to the limit of ${Math.round(reason.bytesPerSecond / 1024)} KiB/s`;
    case "disk-slow":
      return "waiting for the disk, which is slower than the peers";
    case "pieces-missing":
      return `${count(reason.peers, "peer")} connected, none has the missing ${count(reason.pieces, "piece")}${sayCounted(reason.seeders)}`;
    case "choked-by-all":
      return `choked by all: ${count(reason.peers, "peer")} with missing pieces, busy with others`;
    case "choked-by-most":
      return `${reason.choking} of ${count(reason.peers, "peer")} with missing pieces are busy with others (choked)`;
    case "just-asked":
      return `${count(reason.peers, "peer")} connected, waiting for the first answer`;
    case "peers-silent":
      return `${count(reason.peers, "peer")} connected, but nothing has arrived for a while`;
    default:
      return unreachable(reason);
  }
}

/** The most that a tracker counts: whether there is somebody to wait for. */
function sayCounted(seeders: number | undefined): string {
  if (seeders === undefined) return "";
  return seeders === 0
    ? "; the tracker knows of nobody who has all"
    : `; the tracker counts ${count(seeders, "seeder")}`;
}

/** A sentence as it stands behind a colon. */
function clause(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, "");
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
