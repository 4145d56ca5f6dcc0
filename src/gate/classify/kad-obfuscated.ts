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

const ASKED_BYTES = MEMORY.kadObfuscated;
const ASKED_SIDE = MEMORY.kadObfuscated + 1;
const POINTS = MEMORY.kadObfuscated + 2;

function judge(talk: Talk): Judgement {
  const count = talk.chunkBytes;
  const first = byteAt(talk, 0);
  const mark = first & 3;
  if (count < OVERHEAD_BYTES + 2 || CLEAR_PROTOCOLS.has(first)) return "no";
  if (mark !== REQUEST_MARK && mark !== ANSWER_MARK) return "no";
  if (count >= 24 && !looksRandom(talk.bytes, talk.begin, talk.end)) return "no";
  if (mark === REQUEST_MARK) {
    talk.setMemory(ASKED_BYTES, count);
    talk.setMemory(ASKED_SIDE, talk.side + 1);
  } else {
    const isAnswer = talk.memory(ASKED_SIDE) !== 0 && talk.memory(ASKED_SIDE) - 1 !== talk.side;
    const worth = isAnswer ? pairWorth(talk.memory(ASKED_BYTES) - OVERHEAD_BYTES, count - OVERHEAD_BYTES) : 0;
    if (worth === 0) return "no";
    const points = talk.memory(POINTS) + worth;
    talk.setMemory(POINTS, points);
    if (points >= POINTS_NEEDED) return "kad.obfuscated";
  }
  return talk.packets < PACKETS_MAX ? "more" : "no";
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
