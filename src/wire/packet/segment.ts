// One transport segment or datagram, with the addresses it travelled between. Fields are overwritten for each packet,
// so that a million packets a second allocate nothing: take what you need during the call.

export const PROTOCOL = {
  hopByHop: 0,
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  authentication: 51,
  icmpv6: 58,
  noNext: 59,
  destination: 60,
  sctp: 132,
  mobility: 135,
  udpLite: 136,
  hostIdentity: 139,
  shim6: 140,
} as const;

export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16 } as const;

export class Segment {
  bytes: Uint8Array = new Uint8Array(0);
  /** 4 or 6. */
  version = 4;
  protocol = 0;
  /** Addresses as four signed 32-bit words; an IPv4 address is the last word, the others are zero. */
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;
  destination0 = 0;
  destination1 = 0;
  destination2 = 0;
  destination3 = 0;
  sourcePort = 0;
  destinationPort = 0;
  payloadBegin = 0;
  /** End of what was captured. */
  payloadEnd = 0;
  /** Length by the headers; more than what was captured when the capture was made with a short snap length. */
  payloadBytes = 0;
  sequence = 0;
  acknowledged = 0;
  flags = 0;
  /** The whole frame on the wire. */
  wireBytes = 0;
  timeMs = 0;
}

export interface SegmentSink {
  segment(segment: Segment): void;
}
