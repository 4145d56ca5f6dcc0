// IP addresses as numbers, for comparing and counting. Only the plain text forms: no octal, no hexadecimal, no shortcuts.

import ipaddr from "ipaddr.js";

const DOT = 46;
const ZERO = 48;

/** Four decimal numbers; leading zeros are allowed where a list pads them (`001.002.003.004`), never read as octal. */
export function parseIpv4(text: string): number | undefined {
  let address = 0;
  let part = 0;
  let digits = 0;
  let parts = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? DOT : text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || part > 255 || parts === 4) return undefined;
      address = address * 256 + part;
      parts += 1;
      part = 0;
      digits = 0;
    } else {
      const digit = code - ZERO;
      if (digit < 0 || digit > 9 || digits === 3) return undefined;
      part = part * 10 + digit;
      digits += 1;
    }
  }
  return parts === 4 ? address : undefined;
}

/** Lists hold millions of names with colons, and the full check of each costs ten times what the rest of its line does. */
const LIKE_IPV6 = /^[\da-f]*:[\da-f:.]*(?:%|$)/i;

export function parseIpv6(text: string): bigint | undefined {
  if (!LIKE_IPV6.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text)
    .toByteArray()
    .reduce((address, byte) => (address << 8n) | BigInt(byte), 0n);
}
