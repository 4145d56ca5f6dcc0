// The BitTorrent handshake of BEP 3, at the beginning of a direction or behind other bytes (a proxy's greeting, a stray
// byte), in segments of any size.

import { HEAD_BYTES, INITIATOR, RESPONDER, type Talk } from "../flow/talk.ts";
import type { Judgement, Recogniser } from "./recogniser.ts";
import { headMatches, pattern } from "./text.ts";

/** Also compiled into kernel rules: see signatures.ts. */
export const HANDSHAKE = pattern("\u{13}BitTorrent protocol");
const NEEDLE = Buffer.from(HANDSHAKE);
const PSTR_LENGTH = 0x13;
const OPENED_PACKETS = 4;
/** When the beginning was not captured, the handshake may come after whatever was said before it. */
const PICKED_UP_PACKETS = 12;

function judge(talk: Talk): Judgement {
  const first = headMatches(talk, INITIATOR, HANDSHAKE);
  if (first === "yes") return "bt.handshake";
  const second = headMatches(talk, RESPONDER, HANDSHAKE);
  if (second === "yes") return "bt.handshake";
  if (liesInChunk(talk) || liesInHead(talk)) return "bt.handshake_inside";
  const mayCome = (first === "part" || second === "part") && talk.packets < HANDSHAKE.length * 2;
  return mayCome || talk.packets < (talk.opened ? OPENED_PACKETS : PICKED_UP_PACKETS) ? "more" : "no";
}

// Behind a gap, or far into a segment.
function liesInChunk(talk: Talk): boolean {
  const { bytes, begin } = talk;
  return Buffer.from(bytes.buffer, bytes.byteOffset + begin, talk.chunkBytes).includes(NEEDLE);
}

// Across segments.
function liesInHead(talk: Talk): boolean {
  const side = talk.side;
  const last = Math.min(talk.headBytes(side), HEAD_BYTES) - HANDSHAKE.length;
  for (let at = 1; at <= last; at += 1) {
    if (talk.head(side, at) === PSTR_LENGTH && headMatches(talk, side, HANDSHAKE, at) === "yes") return true;
  }
  return false;
}

export const bittorrentHandshake: Recogniser = { name: "bittorrent handshake", judge };

/** For flows that were already called ordinary: one comparison a packet. */
export function beginsHandshake(bytes: Uint8Array, begin: number, end: number): boolean {
  if (bytes[begin] !== PSTR_LENGTH || end - begin < HANDSHAKE.length) return false;
  for (let i = 1; i < HANDSHAKE.length; i += 1) if (bytes[begin + i] !== HANDSHAKE[i]) return false;
  return true;
}
