// IP inside UDP, told by structure and never by port: Teredo (RFC 4380) and GTP-U (3GPP TS 29.281).

const NOTHING = -1;
const IPV6_HEADER_BYTES = 40;
const GTP_DATA = 0xff;

/** Where the inner IP packet of a UDP payload begins; negative when there is none. */
export function findTunnelled(b: Uint8Array, beginByte: number, endByte: number): number {
  const first = b[beginByte] as number;
  if (first === 0 || first >>> 4 === 6) return teredo(b, beginByte, endByte);
  if (first >>> 4 === 3) return gtp(b, beginByte, endByte);
  return NOTHING;
}

function teredo(b: Uint8Array, beginByte: number, endByte: number): number {
  let at = beginByte;
  // Authentication (00 01, lengths, nonce, confirmation) and origin indication (00 00, port, address) may come first.
  if (b[at] === 0 && b[at + 1] === 1) at += 13 + (b[at + 2] as number) + (b[at + 3] as number);
  if (b[at] === 0 && b[at + 1] === 0) at += 8;
  if (at + IPV6_HEADER_BYTES > endByte || (b[at] as number) >>> 4 !== 6) return NOTHING;
  const payloadBytes = ((b[at + 4] as number) << 8) | (b[at + 5] as number);
  if (at + IPV6_HEADER_BYTES + payloadBytes !== endByte) return NOTHING;
  return isTeredoAddress(b, at + 8) || isTeredoAddress(b, at + 24) ? at : NOTHING;
}

// 2001::/32, or the link-local addresses of router solicitation.
function isTeredoAddress(b: Uint8Array, at: number): boolean {
  if (b[at] === 0x20 && b[at + 1] === 1 && b[at + 2] === 0 && b[at + 3] === 0) return true;
  return b[at] === 0xfe && b[at + 1] === 0x80 && b[at + 2] === 0 && b[at + 3] === 0;
}

function gtp(b: Uint8Array, beginByte: number, endByte: number): number {
  const flags = b[beginByte] as number;
  if (beginByte + 8 > endByte || (flags & 0x10) === 0 || b[beginByte + 1] !== GTP_DATA) return NOTHING;
  const lengthBytes = ((b[beginByte + 2] as number) << 8) | (b[beginByte + 3] as number);
  if (beginByte + 8 + lengthBytes !== endByte) return NOTHING;
  let at = beginByte + 8;
  if ((flags & 7) !== 0) {
    let next = b[at + 3] as number;
    at += 4;
    while (next !== 0 && at + 4 <= endByte) {
      const extensionBytes = (b[at] as number) * 4;
      if (extensionBytes === 0) return NOTHING;
      at += extensionBytes;
      next = at <= endByte ? (b[at - 1] as number) : 0;
    }
  }
  if (at + 20 > endByte) return NOTHING;
  const version = (b[at] as number) >>> 4;
  return version === 4 || version === 6 ? at : NOTHING;
}
