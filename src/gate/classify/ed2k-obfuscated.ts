// Obfuscated eD2k between clients, told without any key: an opening of 12 bytes and padding, an answer of 6 and padding,
// then eMule's session with the lengths it has in clear: hello and its answer, and the 11 bytes that ask for a secure
// identification, from both sides or answered by the other. (eMule's EncryptedStreamSocket, SendSecIdentStatePacket.)

import { INITIATOR, RESPONDER, type Talk } from "../flow/talk.ts";
import { areFramedAlike, type Flight, isFramed } from "./framing.ts";
import { areHeaded } from "./headers.ts";
import { looksRandom } from "./randomness.ts";
import { type Judgement, MEMORY, type Recogniser } from "./recogniser.ts";

const PAD_BYTES_MAX = 254;
const OPENING_BYTES = 12;
const ANSWER_BYTES = 6;
const HELLO_BYTES_MIN = 60;
const HELLO_BYTES_MAX = 320;
/** OP_SECIDENTSTATE: protocol, length, code, state, challenge. */
const IDENTIFY_BYTES = 11;
/** aMule sends the name of its system first, and the two may share a segment. */
const SYSTEM_BYTES = 23;
/** OP_PUBLICKEY, and the OP_SIGNATURE behind it: who knows the other asks for neither, and only answers. */
const KEY_BYTES = 83;
const SIGNATURE_BYTES = 55;
const PACKETS_MAX = 14;
/** Opening, answer, hello, hello answer. */
const TURNS = 4;
// In clear these begin every message, so an obfuscated stream never begins with them.
const CLEAR_PROTOCOLS = new Set([0xe3, 0xd4, 0xc5]);

const IDENTIFIED = MEMORY.ed2kObfuscated;

function judge(talk: Talk): Judgement {
  if (!talk.opened || talk.packets > PACKETS_MAX) return "no";
  const count = talk.chunkBytes;
  if (count >= 24 && !looksRandom(talk.bytes, talk.begin, talk.end)) return "no";
  if (!fitsPosition(talk, count)) return "no";
  if (talk.packets <= TURNS) return "more";
  const before = talk.memory(IDENTIFIED);
  const own = 1 << talk.side;
  const hasKey = (before & (own << 2)) !== 0;
  const isAsking = count === IDENTIFY_BYTES || count === IDENTIFY_BYTES + SYSTEM_BYTES;
  const isAnswering = count === KEY_BYTES + SIGNATURE_BYTES || (hasKey && count === SIGNATURE_BYTES);
  const isAsked = (before & (3 ^ own)) !== 0;
  if (isAsking || (isAsked && isAnswering)) talk.setMemory(IDENTIFIED, before | own);
  else if (isAsked && count === KEY_BYTES) talk.setMemory(IDENTIFIED, before | (own << 2));
  if ((talk.memory(IDENTIFIED) & 3) !== 3) return "more";
  return isUnframed(turnsOf(talk)) ? "emule.obfuscated" : "no";
}

function isUnframed(turns: readonly Flight[]): boolean {
  const [opening, answer, hello, helloAnswer] = turns;
  if (opening === undefined || answer === undefined || hello === undefined || helloAnswer === undefined) return false;
  if (turns.some(isFramed) || areFramedAlike(opening, answer) || areFramedAlike(hello, helloAnswer)) return false;
  return !areHeaded(turns.map(({ head }) => head));
}

// The first four packets, as far as the heads hold them.
function turnsOf(talk: Talk): Flight[] {
  const heads = [talk.headCopy(INITIATOR), talk.headCopy(RESPONDER)];
  const begins = [0, 0];
  return Array.from({ length: TURNS }, (_, turn) => {
    const side = turn % 2;
    const totalBytes = Math.abs(talk.size(turn));
    const begin = begins[side] ?? 0;
    begins[side] = begin + totalBytes;
    return { head: (heads[side] ?? new Uint8Array(0)).subarray(begin, begin + totalBytes), totalBytes };
  });
}

// Opening, answer, hello, hello answer: strictly in turn, each within its bounds.
function fitsPosition(talk: Talk, count: number): boolean {
  switch (talk.packets) {
    case 1:
      return talk.side === INITIATOR && isPadded(count, OPENING_BYTES) && !CLEAR_PROTOCOLS.has(talk.head(INITIATOR, 0));
    case 2:
      return talk.side === RESPONDER && isPadded(count, ANSWER_BYTES);
    case 3:
      return talk.side === INITIATOR && isHello(count);
    case 4:
      return talk.side === RESPONDER && isHello(count);
    default:
      return true;
  }
}

function isPadded(count: number, fixed: number): boolean {
  return count >= fixed && count <= fixed + PAD_BYTES_MAX;
}

function isHello(count: number): boolean {
  return count >= HELLO_BYTES_MIN && count <= HELLO_BYTES_MAX;
}

export const ed2kObfuscated: Recogniser = { name: "ed2k obfuscated", judge };
