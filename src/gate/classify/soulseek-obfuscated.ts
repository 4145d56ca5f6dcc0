// Soulseek's obfuscation: a 4-byte key, then the message XORed with the key rotated left by one more bit for each word.
// The key travels with the message, so the first packet can be read.

import { INITIATOR, type Talk } from "../flow/talk.ts";
import type { Judgement, Recogniser } from "./recogniser.ts";

const KEY_BYTES = 4;
const PIERCE_LENGTH = 5;
const PIERCE_BYTES = 13;
const NAME_BYTES_MAX = 64;
const INIT_LENGTH_MIN = 15;
/** In segments of one byte. */
const PACKETS_MAX = KEY_BYTES + 4 + NAME_BYTES_MAX + 14;
const CODE = { pierce: 0, init: 1 } as const;

function judge(talk: Talk): Judgement {
  const count = talk.headBytes(INITIATOR);
  if (count === 0) return talk.packets < 2 ? "more" : "no";
  if (count < PIERCE_BYTES) return talk.packets < PIERCE_BYTES && !talk.broken(INITIATOR) ? "more" : "no";
  const lengthBytes = clearWord(talk, 0);
  if (lengthBytes === PIERCE_LENGTH) {
    return clearByte(talk, 4) === CODE.pierce ? "slsk.obfuscated_pierce" : "no";
  }
  if (lengthBytes < INIT_LENGTH_MIN || lengthBytes > NAME_BYTES_MAX + 14) return "no";
  if (count < KEY_BYTES + 4 + lengthBytes) return talk.packets < PACKETS_MAX && !talk.broken(INITIATOR) ? "more" : "no";
  return isInit(talk, lengthBytes) ? "slsk.obfuscated_init" : "no";
}

function isInit(talk: Talk, lengthBytes: number): boolean {
  if (clearByte(talk, 4) !== CODE.init) return false;
  const nameBytes = clearLittle32(talk, 5);
  if (lengthBytes !== nameBytes + 14 || clearLittle32(talk, 9 + nameBytes) !== 1) return false;
  const kind = clearByte(talk, 13 + nameBytes);
  return kind === 0x50 || kind === 0x46 || kind === 0x44;
}

// Byte `at` of the clear message, which begins behind the key.
function clearByte(talk: Talk, at: number): number {
  const word = at >>> 2;
  const key = rotate(keyOf(talk), (word + 1) & 31);
  return talk.head(INITIATOR, KEY_BYTES + at) ^ ((key >>> ((at & 3) * 8)) & 0xff);
}

function clearLittle32(talk: Talk, at: number): number {
  return (
    (clearByte(talk, at) |
      (clearByte(talk, at + 1) << 8) |
      (clearByte(talk, at + 2) << 16) |
      (clearByte(talk, at + 3) << 24)) >>>
    0
  );
}

function clearWord(talk: Talk, at: number): number {
  return clearLittle32(talk, at);
}

function keyOf(talk: Talk): number {
  return (
    talk.head(INITIATOR, 0) |
    (talk.head(INITIATOR, 1) << 8) |
    (talk.head(INITIATOR, 2) << 16) |
    (talk.head(INITIATOR, 3) << 24)
  );
}

function rotate(word: number, bits: number): number {
  return bits === 0 ? word : (word << bits) | (word >>> (32 - bits));
}

export const soulseekObfuscated: Recogniser = { name: "soulseek obfuscated", judge };
