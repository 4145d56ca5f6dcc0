// Obfuscated Kad, told without any key: each datagram is exactly 16 bytes longer than in clear; the lowest bits of its
// first byte say whether it was enciphered for a Kad id (a request) or with a verify key (an answer); requests and
// answers come in pairs of exact lengths. (eMule's EncryptedDatagramSocket.)

import type { Talk } from "../flow/talk.ts";
import { looksRandom } from "./randomness.ts";
import { type Judgement, MEMORY, type Recogniser } from "./recogniser.ts";
import { byteAt } from "./text.ts";

const OVERHEAD_BYTES = 16;
const PACKETS_MAX = 12;
const REQUEST_MARK = 0;
const ANSWER_MARK = 2;
// Never the first byte: they would be taken for a protocol in clear.
const CLEAR_PROTOCOLS = new Set([0xc5, 0xe5, 0xe4, 0xa3, 0xb2, 0xd4]);
const POINTS_NEEDED = 4;

// What each side asked for last, and one word that counts: points, exact pairs, answers that belong to no request.
const ASKED = MEMORY.kadObfuscated;
const COUNTS = MEMORY.kadObfuscated + 2;
const EXACT = 1 << 8;
const STRAY = 1 << 16;
const STRAYS_MAX = 2;
const EXACT_POINTS = 2;
/** Each side's last first three bytes, with a fourth that says that there are some. */
const BEGIN = MEMORY.kadObfuscatedBegin;
const KNOWN_BEGIN = 1 << 24;

function judge(talk: Talk): Judgement {
  const count = talk.chunkBytes;
  const first = byteAt(talk, 0);
  const mark = first & 3;
  if (count < OVERHEAD_BYTES + 2 || CLEAR_PROTOCOLS.has(first)) return "no";
  if (mark !== REQUEST_MARK && mark !== ANSWER_MARK) return "no";
  if (count >= 24 && !looksRandom(talk.bytes, talk.begin, talk.end)) return "no";
  if (repeatsBegin(talk)) return "no";
  if (mark === REQUEST_MARK) talk.setMemory(ASKED + talk.side, count);
  else if (!takesAnswer(talk, count)) return "no";
  const counts = talk.memory(COUNTS);
  if ((counts & 0xff) >= POINTS_NEEDED && (counts & 0xff00) !== 0) return "kad.obfuscated";
  return talk.packets < PACKETS_MAX ? "more" : "no";
}

// Mark and key are drawn anew for each datagram. Whatever has two of the three bytes in common with its predecessor has a
// header of its own.
function repeatsBegin(talk: Talk): boolean {
  const begin = (byteAt(talk, 0) << 16) | (byteAt(talk, 1) << 8) | byteAt(talk, 2);
  const before = talk.memory(BEGIN + talk.side);
  talk.setMemory(BEGIN + talk.side, begin | KNOWN_BEGIN);
  if (before === 0) return false;
  const changed = begin ^ before;
  return [0xff_00_00, 0xff_00, 0xff].filter((byte) => (changed & byte) === 0).length >= 2;
}

// Both sides ask, so an answer is held against what the other side asked last. A few belong to nothing, for a third
// message confirms a hello, and packets get lost.
function takesAnswer(talk: Talk, count: number): boolean {
  const asked = talk.memory(ASKED + 1 - talk.side);
  const worth = asked === 0 ? 0 : pairWorth(asked - OVERHEAD_BYTES, count - OVERHEAD_BYTES);
  const counted = worth === 0 ? STRAY : worth === EXACT_POINTS ? worth + EXACT : worth;
  const counts = talk.memory(COUNTS) + counted;
  talk.setMemory(COUNTS, counts);
  return counts >>> 16 <= STRAYS_MAX;
}

// Points by how exact the two lengths are; 0 when no Kad answer of that length belongs to a request of this one.
function pairWorth(askedBytes: number, answeredBytes: number): number {
  const contacts = (fixed: number): boolean => answeredBytes >= fixed && (answeredBytes - fixed) % 25 === 0;
  if (askedBytes === 2) return answeredBytes === 4 ? 2 : contacts(23) ? 2 : 0;
  if (askedBytes === 35) return contacts(19) ? 2 : 0;
  if (askedBytes === 21) return answeredBytes === 6 ? 2 : 0;
  if (askedBytes === 4) return answeredBytes === 6 ? 2 : 0;
  if (answeredBytes === 19 || answeredBytes === 20) return 1;
  const isHello = askedBytes >= 22 && askedBytes <= 64 && Math.abs(askedBytes - answeredBytes) <= 8;
  return isHello || answeredBytes >= 36 ? 1 : 0;
}

export const kadObfuscated: Recogniser = { name: "kad obfuscated", judge };
