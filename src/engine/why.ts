// Why a transfer is slow or stuck, as data and as one sentence that a person understands.

import { unreachable } from "../base/assert.ts";

export type SlowReason =
  | { readonly why: "no-peers-known"; readonly trackerMessage: string | undefined }
  | { readonly why: "connecting"; readonly peers: number }
  | { readonly why: "none-reachable"; readonly peers: number; readonly lastFailure: string }
  | { readonly why: "admission-refuses"; readonly peers: number }
  | { readonly why: "pieces-missing"; readonly peers: number; readonly pieces: number; readonly seeders?: number }
  | { readonly why: "choked-by-all"; readonly peers: number }
  | { readonly why: "no-metadata"; readonly peers: number }
  | { readonly why: "rate-limited"; readonly bytesPerSecond: number }
  | { readonly why: "disk-slow" }
  | { readonly why: "peers-silent"; readonly peers: number };

/** One sentence without the final stop; text from outside in it was made printable where it came in. */
export function sayWhy(reason: SlowReason): string {
  switch (reason.why) {
    case "no-peers-known":
      return reason.trackerMessage === undefined
        ? "nobody who has this content is known yet"
        : `nobody who has this content is known: the tracker says "${reason.trackerMessage}"`;
    case "connecting":
      return `connecting to ${count(reason.peers, "peer")}`;
    case "none-reachable":
      return `none of ${count(reason.peers, "known peer")} could be reached (last: ${reason.lastFailure})`;
    case "admission-refuses":
      return `${count(reason.peers, "peer")} known, but none that this grant allows`;
    case "pieces-missing":
      return `${count(reason.peers, "peer")} connected, none has the missing ${count(reason.pieces, "piece")}${sayCounted(reason.seeders)}`;
    case "choked-by-all":
      return `${count(reason.peers, "peer")} connected, all of them busy with others (choked)`;
    case "no-metadata":
      return `${count(reason.peers, "peer")} connected, none has sent the description of the content yet`;
    case "rate-limited":
      return `held to the limit of ${Math.round(reason.bytesPerSecond / 1024)} KiB/s`;
    case "disk-slow":
      return "waiting for the disk";
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

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
