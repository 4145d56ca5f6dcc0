// Kad in clear, and the datagrams between eD2k clients and servers: a code, a length that is exact for the code, and for
// the short ones the answer that belongs to it.

import { INITIATOR, type Talk } from "../flow/talk.ts";
import { KAD, KAD_CODE, KAD_MESSAGES, KAD_PACKED } from "./kad-messages.ts";
import { type Judgement, MEMORY, type Recogniser } from "./recogniser.ts";
import { byteAt } from "./text.ts";

const PACKETS_MAX = 8;
const ASKED = MEMORY.ed2kUdp;
const MESSAGES = MEMORY.ed2kUdp + 1;
const MESSAGES_NEEDED = 3;
const CONTACTS_AT = 18;
const CONTACTS_ASKED = new Set([2, 4, 11]);

function judgeKad(talk: Talk): Judgement {
  const message = judgeMessage(talk);
  if (message !== "no") return message;
  return talk.packets < PACKETS_MAX && talk.memory(MESSAGES) > 0 ? "more" : "no";
}

function judgeMessage(talk: Talk): Judgement {
  const count = talk.chunkBytes;
  const protocol = count >= 2 ? byteAt(talk, 0) : 0;
  if (protocol !== KAD && protocol !== KAD_PACKED) return "no";
  const code = byteAt(talk, 1);
  const message = KAD_MESSAGES.get(code);
  if (message === undefined) return "no";
  const isPacked = protocol === KAD_PACKED;
  if (isPacked ? count < 8 || byteAt(talk, 2) !== 0x78 : !message.fits(count)) return "no";
  const asked = talk.memory(ASKED);
  if (asked !== 0 && sideOf(asked) !== talk.side && KAD_MESSAGES.get(codeOf(asked))?.answer === code) return "kad.pair";
  if (message.answer !== undefined) talk.setMemory(ASKED, remembered(talk, code));
  const messages = talk.memory(MESSAGES) + 1;
  talk.setMemory(MESSAGES, messages);
  const isTelling = message.telling === true && !isPacked && contentsFit(talk, code, count);
  return isTelling || messages >= MESSAGES_NEEDED ? "kad.message" : "more";
}

// A search says how many contacts it wants; its answer, and a bootstrap's, how many there are.
function contentsFit(talk: Talk, code: number, count: number): boolean {
  if (code === KAD_CODE.search) return CONTACTS_ASKED.has(byteAt(talk, 2) & 0x1f);
  if (code === KAD_CODE.searchAnswer) return byteAt(talk, CONTACTS_AT) * 25 === count - CONTACTS_AT - 1;
  if (code === KAD_CODE.bootstrapAnswer) return count > 23 && byteAt(talk, 21) * 25 === count - 23;
  return true;
}

// Between clients (C5) and with servers (E3): request codes and their answers.
const DATAGRAM_ANSWERS: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [0xc590, new Set([0xc591, 0xc592, 0xc593])],
  [0xe396, new Set([0xe397])],
  [0xe398, new Set([0xe399])],
  [0xe392, new Set([0xe399])],
  [0xe390, new Set([0xe399])],
  [0xe39a, new Set([0xe39b])],
  [0xe394, new Set([0xe39b])],
  [0xe3a2, new Set([0xe3a3])],
  [0xe3a0, new Set([0xe3a1])],
]);

function judgeDatagrams(talk: Talk): Judgement {
  if (talk.chunkBytes < 2) return "no";
  const code = (byteAt(talk, 0) << 8) | byteAt(talk, 1);
  const asked = talk.memory(ASKED);
  if (talk.side !== INITIATOR) return DATAGRAM_ANSWERS.get(asked)?.has(code) === true ? "emule.udp_pair" : "no";
  if (!DATAGRAM_ANSWERS.has(code)) return "no";
  talk.setMemory(ASKED, code);
  return talk.packets < PACKETS_MAX ? "more" : "no";
}

function remembered(talk: Talk, code: number): number {
  return ((talk.side + 1) << 8) | code;
}

function sideOf(asked: number): number {
  return (asked >>> 8) - 1;
}

function codeOf(asked: number): number {
  return asked & 0xff;
}

export const kad: Recogniser = { name: "kad", judge: judgeKad };
export const ed2kUdp: Recogniser = { name: "ed2k udp", judge: judgeDatagrams };
