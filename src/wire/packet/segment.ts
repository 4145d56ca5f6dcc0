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

/** How a packet can be carried inside another. */
export const TUNNELS = ["none", "ip", "gre", "teredo", "gtp-u", "vxlan", "geneve"] as const;
export type TunnelKind = (typeof TUNNELS)[number];

/** The outermost packet around a tunnelled one: what a router sees, and can stop. */
export class Outer {
  kind: TunnelKind = "none";
  version = 4;
  protocol = 0;
  readonly source = new Int32Array(4);
  readonly destination = new Int32Array(4);
  /** Zero but over UDP. */
  sourcePort = 0;
  destinationPort = 0;

  copy(): Outer {
    const other = new Outer();
    other.kind = this.kind;
    other.version = this.version;
    other.protocol = this.protocol;
    other.source.set(this.source);
    other.destination.set(this.destination);
    other.sourcePort = this.sourcePort;
    other.destinationPort = this.destinationPort;
    return other;
  }
}

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
  /** Of kind "none" when the segment travelled in no tunnel. */
  readonly outer = new Outer();

  /** Notes the present addresses and ports as those of the tunnel around what comes next; only the outermost counts. */
  enter(kind: TunnelKind): void {
    const { outer } = this;
    if (outer.kind !== "none") return;
    outer.kind = kind;
    outer.version = this.version;
    outer.protocol = this.protocol;
    outer.source[0] = this.source0;
    outer.source[1] = this.source1;
    outer.source[2] = this.source2;
    outer.source[3] = this.source3;
    outer.destination[0] = this.destination0;
    outer.destination[1] = this.destination1;
    outer.destination[2] = this.destination2;
    outer.destination[3] = this.destination3;
    outer.sourcePort = this.sourcePort;
    outer.destinationPort = this.destinationPort;
  }
}

export interface SegmentSink {
  segment(segment: Segment): void;
}
