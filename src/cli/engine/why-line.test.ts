import { deepEqual, equal, match, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { failure } from "../../base/failure.ts";
import type { TorrentStatus } from "../../engine/contract.ts";
import type { SlowReason } from "../../engine/why.ts";
import { whyOf } from "./why-line.ts";

const STATUS: Omit<TorrentStatus, "state"> = {
  name: "n",
  bytesDone: 0,
  bytesWanted: 1,
  bytesTotal: 1,
  bytesWasted: 0,
  fileBytesDone: [],
  bannedHosts: 0,
  bytesDown: 0,
  bytesUp: 0,
  rateDown: 0,
  rateUp: 0,
  peersConnected: 0,
  peersKnown: 0,
  piecesDone: 0,
  piecesTotal: 1,
  pieces: new Uint8Array(1),
  discovery: [{ source: "dht", name: "DHT", state: "working", peersFound: 0 }],
};

function why(slow: SlowReason) {
  return whyOf({ ...STATUS, state: { at: "downloading", slow } });
}

test("who waits for something hears what to do about it, and by what kept the last peer away", () => {
  const stuck: readonly SlowReason[] = [
    { why: "no-peers-known", trackerMessage: undefined },
    { why: "none-reachable", peers: 1, lastFailure: "some-new-code" },
    { why: "all-banned", hosts: 1 },
    { why: "no-metadata", peers: 1 },
    { why: "no-hashes", peers: 1 },
    { why: "disk-slow" },
    { why: "pieces-missing", peers: 1, pieces: 1 },
    { why: "choked-by-all", peers: 1 },
    { why: "peers-silent", peers: 1 },
  ];
  for (const slow of stuck) truthy(/^[A-Z].*[^.]\.?$/.test(why(slow)?.next ?? ""), slow.why);
  truthy(/--encryption/.test(why({ why: "none-reachable", peers: 1, lastFailure: "ended" })?.next ?? ""));
  truthy(/address and the port/.test(why({ why: "none-reachable", peers: 1, lastFailure: "refused" })?.next ?? ""));
  equal(why({ why: "just-asked", peers: 1 })?.next, undefined);
});

test("where nobody is asked for peers, as behind a proxy, nothing is said of looking", () => {
  const slow = { why: "no-peers-known", trackerMessage: undefined } as const;
  match(why(slow)?.next ?? "", /goes on looking/);
  const alone = whyOf({ ...STATUS, discovery: [], state: { at: "downloading", slow } });
  match(alone?.next ?? "", /^No tracker, hash table or local network is asked for peers: name one with --peer/);
});

test("the bare engine knows no grants: what its lists keep out is told by their names", () => {
  equal(
    why({ why: "admission-refuses", peers: 2 })?.message,
    "2 peers are known, but --allow-list and --block-list let none in",
  );
});

test("what stopped a transfer is told with its next step", () => {
  const stopped = failure("engine.disk_full", { file: "a" });
  deepEqual(whyOf({ ...STATUS, state: { at: "stopped", why: stopped } }), {
    code: "engine.disk_full",
    message: "The disk is full: a could not be written.",
    next: "Free some space. The transfer goes on by itself; nothing verified is lost.",
  });
});
