// eD2k over TCP: a protocol byte, a little-endian length, a code. Messages are read from the reassembled head, for real
// clients split and merge them as they like. Codes from eMule's opcodes.h.

import { INITIATOR, RESPONDER, type Side, type Talk } from "../flow/talk.ts";
import type { Judgement, Recogniser } from "./recogniser.ts";
import { byteAt, headLittle32, little32 } from "./text.ts";

export const ED2K = 0xe3;
const EMULE = 0xc5;
const PACKED = 0xd4;
const HEADER_BYTES = 6;
const MESSAGE_BYTES_MAX = 1 << 21;
const MESSAGES_NEEDED = 2;
const PACKETS_MAX = 12;
const ZLIB = 0x78;
const HELLO = 0x01;
const HELLO_ANSWER = 0x4c;
const SENDING_PART = 0x46;
const HASH_BYTES = 16;
const TAGS_MAX = 48;
/** User hash, client id, port, number of tags. */
const IDENTITY_BYTES = HASH_BYTES + 4 + 2 + 4;

const ED2K_CODES = codes([
  [0x01, 0x01],
  [0x05, 0x05],
  [0x14, 0x1c],
  [0x21, 0x23],
  [0x32, 0x38],
  [0x40, 0x61],
]);
const EMULE_CODES = codes([
  [0x01, 0x02],
  [0x40, 0x40],
  [0x60, 0x63],
  [0x81, 0xb4],
]);

function judge(talk: Talk): Judgement {
  let messages = 0;
  let mayGrow = false;
  for (const side of [INITIATOR, RESPONDER] as const) {
    if (talk.headBytes(side) === 0) continue;
    const hello = judgeHello(talk, side);
    if (hello === "emule.hello") return hello;
    const walked = walk(talk, side);
    messages += walked;
    mayGrow ||= walked > 0 || hello === "more";
  }
  if (messages >= MESSAGES_NEEDED) return "emule.messages";
  if (isPart(talk)) return "emule.part";
  if (talk.packets >= PACKETS_MAX) return "no";
  // A flow picked up in mid-stream may show a block's header in any of its first packets.
  return mayGrow || !talk.opened ? "more" : "no";
}

// Client to client: a length of 16, then the identity; client to server: the identity at once; the answer likewise.
function judgeHello(talk: Talk, side: Side): Judgement {
  if (talk.head(side, 0) !== ED2K) return "no";
  const count = talk.headBytes(side);
  if (count < HEADER_BYTES + 1) return talk.broken(side) ? "no" : "more";
  const code = talk.head(side, 5);
  if (code !== HELLO && code !== HELLO_ANSWER) return "no";
  const hasLength = code === HELLO && talk.head(side, HEADER_BYTES) === HASH_BYTES;
  const identityAt = HEADER_BYTES + (hasLength ? 1 : 0);
  const lengthBytes = headLittle32(talk, side, 1);
  if (lengthBytes < IDENTITY_BYTES || lengthBytes > MESSAGE_BYTES_MAX >> 8) return "no";
  if (count < identityAt + IDENTITY_BYTES + 3) return talk.broken(side) ? "no" : "more";
  const tags = headLittle32(talk, side, identityAt + IDENTITY_BYTES - 4);
  const tagType = talk.head(side, identityAt + IDENTITY_BYTES) & 0x7f;
  return tags > 0 && tags <= TAGS_MAX && tagType >= 1 && tagType <= 0x20 ? "emule.hello" : "no";
}

/** Whole messages in the head that follow each other exactly; the last may reach beyond what is kept. */
function walk(talk: Talk, side: Side): number {
  let at = 0;
  let messages = 0;
  const count = talk.headBytes(side);
  while (at + HEADER_BYTES <= count) {
    const lengthBytes = headLittle32(talk, side, at + 1);
    const isKnown = isMessage(talk.head(side, at), talk.head(side, at + 5), talk.head(side, at + 6), lengthBytes);
    if (!isKnown) return 0;
    messages += 1;
    at += 5 + lengthBytes;
  }
  // A tail too short for a header must still begin like one.
  const tail = talk.head(side, at);
  return at < count && tail !== ED2K && tail !== EMULE && tail !== PACKED ? 0 : messages;
}

function isMessage(protocol: number, code: number, next: number, lengthBytes: number): boolean {
  if (lengthBytes === 0 || lengthBytes > MESSAGE_BYTES_MAX) return false;
  if (protocol === ED2K) return ED2K_CODES.has(code);
  if (protocol === EMULE) return EMULE_CODES.has(code);
  return protocol === PACKED && next === ZLIB && (ED2K_CODES.has(code) || EMULE_CODES.has(code));
}

// `hash, begin, end` and exactly end − begin bytes.
function isPart(talk: Talk): boolean {
  if (talk.chunkBytes < 30 || byteAt(talk, 0) !== ED2K || byteAt(talk, 5) !== SENDING_PART) return false;
  const lengthBytes = little32(talk, 1);
  const partBytes = little32(talk, 26) - little32(talk, 22);
  return partBytes > 0 && lengthBytes === 1 + HASH_BYTES + 8 + partBytes;
}

function codes(ranges: readonly (readonly [number, number])[]): ReadonlySet<number> {
  const known = new Set<number>();
  for (const [first, last] of ranges) for (let code = first; code <= last; code += 1) known.add(code);
  return known;
}

export const ed2k: Recogniser = { name: "ed2k", judge };
