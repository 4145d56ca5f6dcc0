// IP inside UDP, told by structure and never by port: Teredo (RFC 4380), GTP-U (3GPP TS 29.281), VXLAN (RFC 7348) and
// Geneve (RFC 8926).

import { ETHER, ethernet, etherPayload } from "./frame.ts";
import type { TunnelKind } from "./segment.ts";

const NOTHING = -1;
const IPV6_HEADER_BYTES = 40;
const GTP_DATA = 0xff;
const HEADER_BYTES = 8;
/** The flag that says that there is a network identifier; the others are reserved. */
const VXLAN_FLAGS = 0x08;
const GENEVE_RESERVED_FLAGS = 0x3f;
/** Ethernet pads its shortest frames. */
const PADDING_BYTES_MAX = 46;

/** Where the inner IP packet of a UDP payload begins; negative when there is none. */
export function findTunnelled(b: Uint8Array, beginByte: number, endByte: number): number {
  const first = b[beginByte] as number;
  if (first >>> 4 === 3) return gtp(b, beginByte, endByte);
  if (first === VXLAN_FLAGS && isVxlan(b, beginByte)) {
    return wholePacket(b, ethernet(b, beginByte + HEADER_BYTES, endByte), endByte);
  }
  if (first < 0x40 && isGeneve(b, beginByte)) return geneve(b, beginByte, endByte);
  if (first === 0 || first >>> 4 === 6) return teredo(b, beginByte, endByte);
  return NOTHING;
}

/** What carries the packet that `findTunnelled` found. */
export function tunnelKind(b: Uint8Array, beginByte: number): TunnelKind {
  const first = b[beginByte] as number;
  if (first >>> 4 === 3) return "gtp-u";
  if (first === VXLAN_FLAGS && isVxlan(b, beginByte)) return "vxlan";
  return first < 0x40 && isGeneve(b, beginByte) ? "geneve" : "teredo";
}

function isVxlan(b: Uint8Array, at: number): boolean {
  return b[at + 1] === 0 && b[at + 2] === 0 && b[at + 3] === 0 && b[at + 7] === 0;
}

// Version zero, no reserved bit, a protocol that carries IP.
function isGeneve(b: Uint8Array, at: number): boolean {
  if (((b[at + 1] as number) & GENEVE_RESERVED_FLAGS) !== 0 || b[at + 7] !== 0) return false;
  const type = half(b, at + 2);
  return type === ETHER.transparent || type === ETHER.ipv4 || type === ETHER.ipv6;
}

function geneve(b: Uint8Array, beginByte: number, endByte: number): number {
  const at = beginByte + HEADER_BYTES + ((b[beginByte] as number) & 0x3f) * 4;
  const type = half(b, beginByte + 2);
  const network = type === ETHER.transparent ? ethernet(b, at, endByte) : etherPayload(type, b, at, endByte);
  return wholePacket(b, network, endByte);
}

// Eight bytes with many zeros prove little: the packet inside must end where the datagram does, but for padding.
function wholePacket(b: Uint8Array, at: number, endByte: number): number {
  if (at < 0 || at + 20 > endByte) return NOTHING;
  const version = (b[at] as number) >>> 4;
  const packetBytes = version === 4 ? half(b, at + 2) : version === 6 ? half(b, at + 4) + IPV6_HEADER_BYTES : 0;
  const rest = endByte - at - packetBytes;
  return packetBytes > 0 && rest >= 0 && rest <= PADDING_BYTES_MAX ? at : NOTHING;
}

function half(b: Uint8Array, at: number): number {
  return ((b[at] as number) << 8) | (b[at + 1] as number);
}

function teredo(b: Uint8Array, beginByte: number, endByte: number): number {
  let at = beginByte;
  // Authentication (00 01, lengths, nonce, confirmation) and origin indication (00 00, port, address) may come first.
  if (b[at] === 0 && b[at + 1] === 1) at += 13 + (b[at + 2] as number) + (b[at + 3] as number);
  if (b[at] === 0 && b[at + 1] === 0) at += 8;
  if (at + IPV6_HEADER_BYTES > endByte || (b[at] as number) >>> 4 !== 6) return NOTHING;
  const payloadBytes = half(b, at + 4);
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
  const lengthBytes = half(b, beginByte + 2);
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
