// Peer messages of BEP 3 picked up in mid-stream (H173): lengths, codes and block borders that stay consistent over
// several messages. Only flows whose beginning was not seen, or not whole, are looked at: the others show their handshake.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import { INITIATOR, RESPONDER, type Talk } from "../flow/talk.ts";
import { type Judgement, MEMORY, type Recogniser } from "./recogniser.ts";
import { big32, byteAt } from "./text.ts";

const SCORE = MEMORY.peerMessages;
const SCORE_NEEDED = 4;
const PACKETS_MAX = 48;
const BLOCK_BYTES_MAX = 131_072;
const PIECES_MAX = 1 << 24;
const REQUEST_BYTES = 13;
const STRONG = 3;
const WEAK = 1;

const CODE = {
  choke: 0,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  extended: 20,
};

function judge(talk: Talk): Judgement {
  const isWhole = talk.opened && !talk.broken(INITIATOR) && !talk.broken(RESPONDER);
  if (isWhole || talk.packets > PACKETS_MAX) return "no";
  if (asksForBlock(talk.bytes, talk.begin, talk.end)) return "bt.messages";
  const score = talk.memory(SCORE) + scoreOf(talk);
  talk.setMemory(SCORE, score);
  return score >= SCORE_NEEDED ? "bt.messages" : "more";
}

// Walks the messages of one segment that begins at a message border; random bytes fail at the first length.
function scoreOf(talk: Talk): number {
  let at = 0;
  let score = 0;
  const count = talk.chunkBytes;
  while (at + 5 <= count) {
    const lengthBytes = big32(talk, at);
    if (lengthBytes === 0) {
      at += 4;
      continue;
    }
    const worth = worthOf(talk, at, lengthBytes, count);
    if (worth === 0) return 0;
    score += worth;
    at += 4 + lengthBytes;
  }
  // Keep-alives alone prove nothing, and neither do choke and have without a block that they speak of.
  return score >= STRONG ? score : 0;
}

function worthOf(talk: Talk, at: number, lengthBytes: number, count: number): number {
  const code = byteAt(talk, at + 4);
  if (code <= CODE.notInterested) return lengthBytes === 1 ? WEAK : 0;
  if (code === CODE.have) return lengthBytes === 5 ? WEAK : 0;
  if (code === CODE.port) return lengthBytes === 3 ? WEAK : 0;
  if (code === CODE.request || code === CODE.cancel) {
    return lengthBytes === REQUEST_BYTES && at + 17 <= count && isBlock(talk, at, big32(talk, at + 13)) ? STRONG : 0;
  }
  if (code === CODE.piece) {
    return lengthBytes > 9 && at + 13 <= count && isBlock(talk, at, lengthBytes - 9) ? STRONG : 0;
  }
  const isExtended = code === CODE.extended && lengthBytes < BLOCK_BYTES_MAX && at + 7 <= count;
  return isExtended && byteAt(talk, at + 6) === 0x64 ? WEAK : 0;
}

function isBlock(talk: Talk, at: number, blockBytes: number): boolean {
  const piece = big32(talk, at + 5);
  const beginBytes = big32(talk, at + 9);
  return piece < PIECES_MAX && beginBytes % BLOCK_BYTES === 0 && blockBytes > 0 && blockBytes <= BLOCK_BYTES_MAX;
}

/**
 * Whether a segment is nothing but short messages, one of which asks for a block of the usual size: 94 bits that only such
 * a message has. Large segments of content fill what is looked at long before the first of these comes.
 */
export function asksForBlock(bytes: Uint8Array, begin: number, end: number): boolean {
  if (bytes[begin] !== 0 || bytes[begin + 1] !== 0) return false;
  let asks = false;
  let at = begin;
  while (at + 5 <= end) {
    const lengthBytes = word(bytes, at);
    const code = bytes[at + 4] ?? 0;
    if (lengthBytes < 1 || lengthBytes > REQUEST_BYTES || code > CODE.port || code === CODE.piece) return false;
    if (code === CODE.request) {
      if (lengthBytes !== REQUEST_BYTES || at + 17 > end) return false;
      const isAligned = word(bytes, at + 9) % BLOCK_BYTES === 0 && word(bytes, at + 5) < PIECES_MAX;
      if (!isAligned || word(bytes, at + 13) > BLOCK_BYTES) return false;
      asks ||= word(bytes, at + 13) === BLOCK_BYTES;
    }
    at += 4 + lengthBytes;
  }
  return asks && at === end;
}

function word(bytes: Uint8Array, at: number): number {
  const octet = (index: number): number => bytes[at + index] ?? 0;
  return ((octet(0) << 24) | (octet(1) << 16) | (octet(2) << 8) | octet(3)) >>> 0;
}

export const bittorrentMessages: Recogniser = { name: "bittorrent messages", judge };
