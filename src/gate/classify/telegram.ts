// Telegram's transports look like MSE in lengths and entropy. The obfuscated one carries its own key: its first 64 bytes
// decipher themselves, and then four bytes name the inner framing. The abridged one begins with a mark and counts words of
// four bytes (https://core.telegram.org/mtproto/mtproto-transports).

import { createDecipheriv } from "node:crypto";
import type { Flight } from "./framing.ts";

const OPENING_BYTES = 64;
const MARK_AT = 56;
const INNER_FRAMINGS = new Set([0xefefefef, 0xeeeeeeee, 0xdddddddd]);

const ABRIDGED = 0xef;
const WORD_BYTES = 4;
/** Longer messages than this many words have three more bytes of length. */
const WORDS_MAX = 0x7f;

/** Whether a stream that opens so is Telegram's. */
export function isTelegram({ head, totalBytes }: Flight): boolean {
  return isObfuscated(head) || isAbridged(head, totalBytes);
}

function isObfuscated(head: Uint8Array): boolean {
  if (head.length < OPENING_BYTES) return false;
  const decipher = createDecipheriv("aes-256-ctr", head.subarray(8, 40), head.subarray(40, 56));
  const clear = decipher.update(head.subarray(0, OPENING_BYTES));
  return INNER_FRAMINGS.has(clear.readUInt32BE(MARK_AT));
}

function isAbridged(head: Uint8Array, totalBytes: number): boolean {
  if (head[0] !== ABRIDGED) return false;
  let at = 1;
  while (at + WORD_BYTES <= head.length) {
    const short = (head[at] as number) & WORDS_MAX;
    const words = short === WORDS_MAX ? little24(head, at + 1) : short;
    at += (short === WORDS_MAX ? 4 : 1) + words * WORD_BYTES;
    if (words === 0 || at >= totalBytes) return at === totalBytes;
  }
  return at >= head.length;
}

function little24(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
}
