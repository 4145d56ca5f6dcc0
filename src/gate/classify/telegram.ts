// Telegram's obfuscated transport looks like MSE in lengths and entropy, but it carries its own key: the first 64 bytes
// decipher themselves, and then four bytes name the inner framing (https://core.telegram.org/mtproto/mtproto-transports).

import { createDecipheriv } from "node:crypto";

const OPENING_BYTES = 64;
const MARK_AT = 56;
const INNER_FRAMINGS = new Set([0xefefefef, 0xeeeeeeee, 0xdddddddd]);

/** Whether a stream beginning with these bytes is Telegram's. */
export function isTelegram(head: Uint8Array): boolean {
  if (head.length < OPENING_BYTES) return false;
  const decipher = createDecipheriv("aes-256-ctr", head.subarray(8, 40), head.subarray(40, 56));
  const clear = decipher.update(head.subarray(0, OPENING_BYTES));
  return INNER_FRAMINGS.has(clear.readUInt32BE(MARK_AT));
}
