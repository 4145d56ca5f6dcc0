// From a frame of any link type to the network packet in it: Ethernet with VLAN, MPLS and PPPoE, Wi-Fi, PPP, cooked
// captures, raw IP.

import { LINK } from "../pcap/link.ts";

export const ETHER = {
  ipv4: 0x0800,
  transparent: 0x6558,
  vlan: 0x8100,
  ipv6: 0x86dd,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoe: 0x8864,
  providerVlan: 0x88a8,
  vlanOld1: 0x9100,
  vlanOld2: 0x9200,
  ppp: 0x880b,
} as const;

const NOTHING = -1;
const TAGS_MAX = 16;
const SNAP_BYTES = 8;

/** Where the IP packet of a frame begins; negative when it holds none. */
export function findNetwork(linkType: number, b: Uint8Array, beginByte: number, endByte: number): number {
  switch (linkType) {
    case LINK.ethernet:
      return ethernet(b, beginByte, endByte);
    case LINK.rawBsd:
    case LINK.rawOpenBsd:
    case LINK.raw:
    case LINK.ipv4:
    case LINK.ipv6:
      return beginByte;
    case LINK.null:
    case LINK.loop:
      return beginByte + 4;
    case LINK.linuxCooked:
      return etherPayload(half(b, beginByte + 14), b, beginByte + 16, endByte);
    case LINK.linuxCooked2:
      return etherPayload(half(b, beginByte), b, beginByte + 20, endByte);
    case LINK.ppp:
    case LINK.pppSerial:
      return ppp(b, beginByte, endByte);
    case LINK.pppWithDirection:
      return ppp(b, beginByte + 1, endByte);
    case LINK.pppEthernet:
      return ppp(b, beginByte + 6, endByte);
    case LINK.ciscoHdlc:
      return etherPayload(half(b, beginByte + 2), b, beginByte + 4, endByte);
    case LINK.wireless:
      return wireless(b, beginByte, endByte, false);
    case LINK.radiotap:
      return radiotap(b, beginByte, endByte);
    case LINK.prism:
      return prism(b, beginByte, endByte);
    case LINK.ppi:
      return perPacket(b, beginByte, endByte);
    default:
      return NOTHING;
  }
}

/** Also the payload of GRE's transparent bridging and of Ethernet pseudo-wires. */
export function ethernet(b: Uint8Array, beginByte: number, endByte: number): number {
  if (beginByte + 14 > endByte) return NOTHING;
  return etherPayload(half(b, beginByte + 12), b, beginByte + 14, endByte);
}

/** The IP packet behind an EtherType (or an 802.3 length) whose payload begins at `at`. */
export function etherPayload(type: number, b: Uint8Array, at: number, endByte: number): number {
  let etherType = type;
  let offset = at;
  for (let tags = 0; tags < TAGS_MAX; tags += 1) {
    switch (etherType) {
      case ETHER.ipv4:
      case ETHER.ipv6:
        return offset < endByte ? offset : NOTHING;
      case ETHER.vlan:
      case ETHER.providerVlan:
      case ETHER.vlanOld1:
      case ETHER.vlanOld2:
        if (offset + 4 > endByte) return NOTHING;
        etherType = half(b, offset + 2);
        offset += 4;
        break;
      case ETHER.mpls:
      case ETHER.mplsMulticast:
        return mpls(b, offset, endByte);
      case ETHER.pppoe:
        return ppp(b, offset + 6, endByte);
      case ETHER.ppp:
        return ppp(b, offset, endByte);
      default:
        return etherType < 0x600 ? snap(b, offset, endByte) : NOTHING;
    }
  }
  return NOTHING;
}

// LLC with SNAP carries an EtherType; other LLC payloads carry no IP.
function snap(b: Uint8Array, at: number, endByte: number): number {
  if (at + SNAP_BYTES > endByte) return NOTHING;
  if (b[at] !== 0xaa || b[at + 1] !== 0xaa || b[at + 2] !== 3) return NOTHING;
  const type = half(b, at + 6);
  return type < 0x600 ? NOTHING : etherPayload(type, b, at + SNAP_BYTES, endByte);
}

// The label stack says nothing of its payload: the first nibble does, zero meaning a pseudo-wire's control word.
function mpls(b: Uint8Array, at: number, endByte: number): number {
  let offset = at;
  for (let labels = 0; labels < TAGS_MAX; labels += 1) {
    if (offset + 4 >= endByte) return NOTHING;
    const bottom = ((b[offset + 2] as number) & 1) === 1;
    offset += 4;
    if (!bottom) continue;
    const nibble = (b[offset] as number) >>> 4;
    if (nibble === 4 || nibble === 6) return offset;
    return ethernet(b, nibble === 0 ? offset + 4 : offset, endByte);
  }
  return NOTHING;
}

/** RFC 1661, with address, control and protocol fields as the two sides may have compressed them. */
export function ppp(b: Uint8Array, beginByte: number, endByte: number): number {
  let at = beginByte;
  if (at + 4 > endByte) return NOTHING;
  if (b[at] === 0xff && b[at + 1] === 3) at += 2;
  const short = (b[at] as number) & 1;
  const protocol = short ? (b[at] as number) : half(b, at);
  at += short ? 1 : 2;
  if (protocol === 0x21 || protocol === 0x57) return at < endByte ? at : NOTHING;
  return protocol === 0x281 || protocol === 0x283 ? mpls(b, at, endByte) : NOTHING;
}

function wireless(b: Uint8Array, at: number, endByte: number, padded: boolean): number {
  if (at + 24 > endByte) return NOTHING;
  const control = b[at] as number;
  const flags = b[at + 1] as number;
  const isData = (control & 0x0c) === 0x08;
  const hasNoPayload = (control & 0x40) !== 0;
  const isEncrypted = (flags & 0x40) !== 0;
  if (!isData || hasNoPayload || isEncrypted) return NOTHING;
  let headerBytes = 24;
  if ((flags & 3) === 3) headerBytes += 6;
  if ((control & 0x80) !== 0) headerBytes += (flags & 0x80) !== 0 ? 6 : 2;
  if (padded) headerBytes = (headerBytes + 3) & ~3;
  return snap(b, at + headerBytes, endByte);
}

// https://www.radiotap.org: the header's length is little-endian; bit 0 of the first present word is an 8-byte clock,
// bit 1 the flags, of which 0x20 says that the 802.11 header is padded to four bytes.
function radiotap(b: Uint8Array, at: number, endByte: number): number {
  if (at + 8 > endByte) return NOTHING;
  const lengthBytes = halfLittle(b, at + 2);
  if (lengthBytes < 8 || at + lengthBytes > endByte) return NOTHING;
  let fields = at + 4;
  const present = b[fields] as number;
  while (fields + 4 <= at + lengthBytes && ((b[fields + 3] as number) & 0x80) !== 0) fields += 4;
  fields += 4;
  if ((present & 1) !== 0) fields = at + ((fields - at + 7) & ~7) + 8;
  const padded = (present & 2) !== 0 && fields < endByte && ((b[fields] as number) & 0x20) !== 0;
  return wireless(b, at + lengthBytes, endByte, padded);
}

// Prism monitoring headers come in the capturing host's byte order; AVS ones are big-endian with their own length.
function prism(b: Uint8Array, at: number, endByte: number): number {
  if (at + 8 > endByte) return NOTHING;
  const isAvs = half(b, at) === 0x8021;
  const bigEndianBytes = half(b, at + 6);
  const littleEndianBytes = halfLittle(b, at + 4);
  const lengthBytes = isAvs || littleEndianBytes === 0 ? bigEndianBytes : littleEndianBytes;
  return wireless(b, at + lengthBytes, endByte, false);
}

function perPacket(b: Uint8Array, at: number, endByte: number): number {
  if (at + 8 > endByte) return NOTHING;
  const inner = halfLittle(b, at + 4) | (halfLittle(b, at + 6) << 16);
  if (inner === LINK.ppi) return NOTHING;
  return findNetwork(inner, b, at + halfLittle(b, at + 2), endByte);
}

function half(b: Uint8Array, at: number): number {
  return ((b[at] as number) << 8) | (b[at + 1] as number);
}

function halfLittle(b: Uint8Array, at: number): number {
  return (b[at] as number) | ((b[at + 1] as number) << 8);
}
