// How BitTorrent finds peers without the DHT: UDP trackers (BEP 15) and local service discovery (BEP 14).

import { INITIATOR, type Talk } from "../flow/talk.ts";
import { type Judgement, MEMORY, type Recogniser } from "./recogniser.ts";
import { big32, chunkMatches, pattern } from "./text.ts";

/** The protocol id of BEP 15 and the action `connect`. Also compiled into kernel rules: see signatures.ts. */
export const TRACKER_CONNECT = pattern("\u{0}\u{0}\u{4}\u{17}\u{27}\u{10}\u{19}\u{80}\u{0}\u{0}\u{0}\u{0}");
const CONNECT_BYTES = 16;
export const LOCAL_DISCOVERY = pattern("BT-SEARCH * HTTP/1.1\r\n");

const ACTION = { announce: 1, scrape: 2, error: 3 } as const;
const ANNOUNCE_BYTES = 98;
const EVENT_MAX = 3;
const PACKETS_MAX = 8;
const REQUEST_ACTION = MEMORY.udpTracker;
const REQUEST_TRANSACTION = MEMORY.udpTracker + 1;

function judgeTracker(talk: Talk): Judgement {
  const count = talk.chunkBytes;
  if (count >= CONNECT_BYTES && chunkMatches(talk, TRACKER_CONNECT)) return "bt.tracker_udp";
  if (talk.side === INITIATOR) rememberRequest(talk, count);
  else if (answersRequest(talk, count)) return "bt.tracker_udp_pair";
  return talk.packets < PACKETS_MAX ? "more" : "no";
}

// A connection id is good for two minutes: a flow picked up later begins with an announce or a scrape.
function rememberRequest(talk: Talk, count: number): void {
  if (count < 36) return;
  const action = big32(talk, 8);
  const isAnnounce = action === ACTION.announce && count >= ANNOUNCE_BYTES && big32(talk, 80) <= EVENT_MAX;
  const isScrape = action === ACTION.scrape && (count - 16) % 20 === 0;
  if (!isAnnounce && !isScrape) return;
  talk.setMemory(REQUEST_ACTION, action);
  talk.setMemory(REQUEST_TRANSACTION, big32(talk, 12) | 0);
}

function answersRequest(talk: Talk, count: number): boolean {
  const action = talk.memory(REQUEST_ACTION);
  if (action === 0 || count < 8 || (big32(talk, 4) | 0) !== talk.memory(REQUEST_TRANSACTION)) return false;
  const answered = big32(talk, 0);
  if (answered === ACTION.error) return true;
  if (answered !== action) return false;
  if (action === ACTION.scrape) return (count - 8) % 12 === 0;
  return count >= 20 && ((count - 20) % 6 === 0 || (count - 20) % 18 === 0);
}

function judgeLocal(talk: Talk): Judgement {
  return chunkMatches(talk, LOCAL_DISCOVERY) ? "bt.local_discovery" : "no";
}

export const bittorrentUdpTracker: Recogniser = { name: "bittorrent udp tracker", judge: judgeTracker };
export const bittorrentLocalDiscovery: Recogniser = { name: "bittorrent local discovery", judge: judgeLocal };
