// Kad in clear: a code, a length that is exact for the code, and for what says little the answer that belongs to it.

import type { Talk } from "../flow/talk.ts";
import { KAD, KAD_CODE, KAD_MESSAGES, KAD_PACKED } from "./kad-messages.ts";
import { type Judgement, MEMORY, type Recogniser } from "./recogniser.ts";
import { byteAt } from "./text.ts";

const PACKETS_MAX = 8;
const ASKED = MEMORY.kad;
const MESSAGES = MEMORY.kad + 1;
const MESSAGES_NEEDED = 3;
const COUNT_BYTES = 1;
const CONTACT_BYTES = 25;
const CONTACTS_ASKED = new Set([2, 4, 11]);
/** Kad's own version of the sender; eMule and aMule have come to 10. */
const VERSION_MAX = 15;
const TAGS_MAX = 32;
const TAG_BYTES_MIN = 4;
const RESULTS_MAX = 512;
/** Behind protocol and code: where contacts, versions and counts stand. */
const AT = { contacts: 18, version: 20, tags: 21, bootstrapCount: 21, keys: 18, publishedTags: 34, results: 34 };

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
  if (isPacked ? count < 8 || byteAt(talk, 2) !== 0x78 : !message.fits(count) || !contentsFit(talk, code, count))
    return "no";
  const asked = talk.memory(ASKED);
  if (asked !== 0 && sideOf(asked) !== talk.side && KAD_MESSAGES.get(codeOf(asked))?.answer === code) return "kad.pair";
  if (message.answer !== undefined) talk.setMemory(ASKED, remembered(talk, code));
  const messages = talk.memory(MESSAGES) + 1;
  talk.setMemory(MESSAGES, messages);
  if (isPacked) return messages >= MESSAGES_NEEDED ? "kad.message" : "more";
  if (message.short === true && talk.packets === 1) return "kad.request_alone";
  return message.telling === true || messages >= MESSAGES_NEEDED ? "kad.message" : "more";
}

// What a message says of itself: how many contacts it wants, how many there are, who speaks.
function contentsFit(talk: Talk, code: number, count: number): boolean {
  switch (code) {
    case KAD_CODE.search:
      return CONTACTS_ASKED.has(byteAt(talk, 2) & 0x1f);
    case KAD_CODE.searchAnswer:
      return byteAt(talk, AT.contacts) * CONTACT_BYTES === count - AT.contacts - COUNT_BYTES;
    case KAD_CODE.bootstrapAnswer:
      return count > 23 && byteAt(talk, AT.bootstrapCount) * CONTACT_BYTES === count - 23;
    case KAD_CODE.hello:
    case KAD_CODE.helloAnswer:
      return isVersion(byteAt(talk, AT.version)) && tagsFit(byteAt(talk, AT.tags), count - AT.tags - COUNT_BYTES);
    case KAD_CODE.publishKeys:
      return littleHalf(talk, AT.keys) <= RESULTS_MAX;
    case KAD_CODE.publishSource:
    case KAD_CODE.publishNotes:
      return tagsFit(byteAt(talk, AT.publishedTags), count - AT.publishedTags - COUNT_BYTES);
    case KAD_CODE.results:
      return littleHalf(talk, AT.results) <= RESULTS_MAX;
    default:
      return true;
  }
}

function isVersion(version: number): boolean {
  return version > 0 && version <= VERSION_MAX;
}

function tagsFit(tags: number, bytes: number): boolean {
  return tags === 0 ? bytes === 0 : tags <= TAGS_MAX && bytes >= tags * TAG_BYTES_MIN;
}

function littleHalf(talk: Talk, at: number): number {
  return byteAt(talk, at) | (byteAt(talk, at + 1) << 8);
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
