// From a captured frame to the transport segments in it. Headers are read in place; a tunnel yields its inner segment,
// and a tunnel over UDP its outer datagram as well, for that is a flow of its own.

import type { PacketSink } from "../pcap/state.ts";
import { Fragments } from "./fragments.ts";
import { ETHER, ethernet, etherPayload, findNetwork, ppp } from "./frame.ts";
import { PROTOCOL, Segment, type SegmentSink } from "./segment.ts";
import { findTunnelled, tunnelKind } from "./tunnel.ts";

const TUNNELS_MAX = 4;
const EXTENSIONS_MAX = 16;
const IPV4_HEADER_BYTES_MIN = 20;
const IPV6_HEADER_BYTES = 40;
const TCP_HEADER_BYTES_MIN = 20;
const UDP_HEADER_BYTES = 8;

export class Decoder implements PacketSink {
  readonly #sink: SegmentSink;
  readonly #segment = new Segment();
  readonly #fragments = new Fragments();
  packets = 0;
  /** Frames that held no IP packet, or whose headers made no sense. */
  undecodedPackets = 0;

  constructor(sink: SegmentSink) {
    this.#sink = sink;
  }

  packet(
    bytes: Uint8Array,
    beginByte: number,
    endByte: number,
    wireBytes: number,
    linkType: number,
    timeMs: number,
  ): void {
    this.packets += 1;
    this.#segment.wireBytes = wireBytes;
    this.#segment.timeMs = timeMs;
    this.#segment.outer.kind = "none";
    const network = findNetwork(linkType, bytes, beginByte, endByte);
    if (network < 0 || !this.#network(bytes, network, endByte, 0)) this.undecodedPackets += 1;
  }

  #network(b: Uint8Array, at: number, endByte: number, depth: number): boolean {
    if (depth > TUNNELS_MAX || at >= endByte) return false;
    const version = (b[at] as number) >>> 4;
    if (version === 4) return this.#ipv4(b, at, endByte, depth);
    return version === 6 && this.#ipv6(b, at, endByte, depth);
  }

  #ipv4(b: Uint8Array, at: number, endByte: number, depth: number): boolean {
    const headerBytes = ((b[at] as number) & 15) * 4;
    if (headerBytes < IPV4_HEADER_BYTES_MIN || at + headerBytes > endByte) return false;
    // Zero means that the network card cut the packet into segments later: the frame's end counts.
    const saidBytes = half(b, at + 2);
    const packetBytes = saidBytes === 0 ? endByte - at : saidBytes;
    if (packetBytes < headerBytes) return false;
    const s = this.#segment;
    s.version = 4;
    s.source0 = 0;
    s.source1 = 0;
    s.source2 = 0;
    s.source3 = word(b, at + 12);
    s.destination0 = 0;
    s.destination1 = 0;
    s.destination2 = 0;
    s.destination3 = word(b, at + 16);
    const protocol = b[at + 9] as number;
    const begin = at + headerBytes;
    const end = Math.min(endByte, at + packetBytes);
    const fragment = half(b, at + 6) & 0x3fff;
    if (fragment === 0) return this.#transport(b, begin, end, at + packetBytes, protocol, depth);
    const key = `4 ${s.source3} ${s.destination3} ${protocol} ${half(b, at + 4)}`;
    return this.#fragment(
      key,
      b.subarray(begin, end),
      (fragment & 0x1fff) * 8,
      (fragment & 0x2000) !== 0,
      protocol,
      depth,
    );
  }

  #ipv6(b: Uint8Array, at: number, endByte: number, depth: number): boolean {
    if (at + IPV6_HEADER_BYTES > endByte) return false;
    const s = this.#segment;
    s.version = 6;
    s.source0 = word(b, at + 8);
    s.source1 = word(b, at + 12);
    s.source2 = word(b, at + 16);
    s.source3 = word(b, at + 20);
    s.destination0 = word(b, at + 24);
    s.destination1 = word(b, at + 28);
    s.destination2 = word(b, at + 32);
    s.destination3 = word(b, at + 36);
    const saidBytes = half(b, at + 4);
    const wireEnd = saidBytes === 0 ? endByte : at + IPV6_HEADER_BYTES + saidBytes;
    return this.#extensions(b, at + IPV6_HEADER_BYTES, Math.min(endByte, wireEnd), wireEnd, b[at + 6] as number, depth);
  }

  #extensions(b: Uint8Array, begin: number, end: number, wireEnd: number, first: number, depth: number): boolean {
    let at = begin;
    let next = first;
    for (let count = 0; count < EXTENSIONS_MAX; count += 1) {
      if (!isExtension(next)) return this.#transport(b, at, end, wireEnd, next, depth);
      if (at + 8 > end) return false;
      if (next === PROTOCOL.fragment) {
        const field = half(b, at + 2);
        const inner = b[at] as number;
        // RFC 6946: an "atomic fragment" is a whole packet.
        if ((field & 0xfff9) !== 0) {
          const s = this.#segment;
          const key = `6 ${s.source0} ${s.source1} ${s.source2} ${s.source3} ${s.destination2} ${s.destination3} ${word(b, at + 4)}`;
          return this.#fragment(key, b.subarray(at + 8, end), field & 0xfff8, (field & 1) !== 0, inner, depth);
        }
        at += 8;
        next = inner;
        continue;
      }
      const units = b[at + 1] as number;
      const isAuthentication = next === PROTOCOL.authentication;
      next = b[at] as number;
      at += isAuthentication ? (units + 2) * 4 : (units + 1) * 8;
    }
    return false;
  }

  #fragment(key: string, part: Uint8Array, offset: number, more: boolean, protocol: number, depth: number): boolean {
    const whole = this.#fragments.add(key, part, offset, more);
    if (whole === undefined) return true;
    if (this.#segment.version === 6) return this.#extensions(whole, 0, whole.length, whole.length, protocol, depth);
    return this.#transport(whole, 0, whole.length, whole.length, protocol, depth);
  }

  #transport(b: Uint8Array, begin: number, end: number, wireEnd: number, protocol: number, depth: number): boolean {
    const s = this.#segment;
    s.bytes = b;
    s.protocol = protocol;
    s.sourcePort = 0;
    s.destinationPort = 0;
    s.payloadBegin = begin;
    s.payloadEnd = end;
    s.payloadBytes = wireEnd - begin;
    switch (protocol) {
      case PROTOCOL.tcp:
        return this.#tcp(b, begin, end, wireEnd);
      case PROTOCOL.udp:
      case PROTOCOL.udpLite:
        return this.#udp(b, begin, end, wireEnd, depth);
      case PROTOCOL.ipv4:
      case PROTOCOL.ipv6:
        s.enter("ip");
        return this.#network(b, begin, end, depth + 1);
      case PROTOCOL.gre:
        return this.#gre(b, begin, end, depth);
      default:
        if (protocol === PROTOCOL.sctp && begin + 4 <= end) this.#ports(b, begin);
        this.#sink.segment(s);
        return true;
    }
  }

  #tcp(b: Uint8Array, begin: number, end: number, wireEnd: number): boolean {
    if (begin + TCP_HEADER_BYTES_MIN > end) return false;
    const headerBytes = ((b[begin + 12] as number) >>> 4) * 4;
    if (headerBytes < TCP_HEADER_BYTES_MIN) return false;
    const s = this.#segment;
    this.#ports(b, begin);
    s.sequence = word(b, begin + 4);
    s.acknowledged = word(b, begin + 8);
    s.flags = b[begin + 13] as number;
    s.payloadBegin = Math.min(begin + headerBytes, end);
    s.payloadEnd = end;
    s.payloadBytes = Math.max(0, wireEnd - begin - headerBytes);
    this.#sink.segment(s);
    return true;
  }

  #udp(b: Uint8Array, begin: number, end: number, wireEnd: number, depth: number): boolean {
    if (begin + UDP_HEADER_BYTES > end) return false;
    const s = this.#segment;
    this.#ports(b, begin);
    const saidBytes = half(b, begin + 4);
    // A jumbogram or an offloaded datagram says zero.
    const datagramEnd = saidBytes < UDP_HEADER_BYTES ? wireEnd : Math.min(wireEnd, begin + saidBytes);
    const payloadBegin = begin + UDP_HEADER_BYTES;
    const payloadEnd = Math.min(end, datagramEnd);
    s.payloadBegin = payloadBegin;
    s.payloadEnd = payloadEnd;
    s.payloadBytes = datagramEnd - payloadBegin;
    this.#sink.segment(s);
    const inner = payloadEnd - payloadBegin < IPV4_HEADER_BYTES_MIN ? -1 : findTunnelled(b, payloadBegin, payloadEnd);
    if (inner >= 0) {
      s.enter(tunnelKind(b, payloadBegin));
      this.#network(b, inner, payloadEnd, depth + 1);
    }
    return true;
  }

  // RFC 2784 and 2890, and PPTP's version 1 (RFC 2637).
  #gre(b: Uint8Array, begin: number, end: number, depth: number): boolean {
    if (begin + 4 > end) return false;
    const flags = b[begin] as number;
    const version = (b[begin + 1] as number) & 7;
    const type = half(b, begin + 2);
    let at = begin + 4;
    if ((flags & 0xc0) !== 0) at += 4;
    if ((flags & 0x20) !== 0) at += 4;
    if ((flags & 0x10) !== 0) at += 4;
    if (version === 1 && ((b[begin + 1] as number) & 0x80) !== 0) at += 4;
    const network = greNetwork(type, b, at, end);
    if (network >= 0) {
      this.#segment.enter("gre");
      return this.#network(b, network, end, depth + 1);
    }
    this.#sink.segment(this.#segment);
    return true;
  }

  #ports(b: Uint8Array, at: number): void {
    this.#segment.sourcePort = half(b, at);
    this.#segment.destinationPort = half(b, at + 2);
  }
}

function greNetwork(type: number, b: Uint8Array, at: number, end: number): number {
  if (type === ETHER.ppp) return ppp(b, at, end);
  return type === ETHER.transparent ? ethernet(b, at, end) : etherPayload(type, b, at, end);
}

function isExtension(next: number): boolean {
  switch (next) {
    case PROTOCOL.hopByHop:
    case PROTOCOL.routing:
    case PROTOCOL.fragment:
    case PROTOCOL.authentication:
    case PROTOCOL.destination:
    case PROTOCOL.mobility:
    case PROTOCOL.hostIdentity:
    case PROTOCOL.shim6:
      return true;
    default:
      return false;
  }
}

function half(b: Uint8Array, at: number): number {
  return ((b[at] as number) << 8) | (b[at + 1] as number);
}

function word(b: Uint8Array, at: number): number {
  return (
    ((b[at] as number) << 24) | ((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) | (b[at + 3] as number)
  );
}
