// One flow as the command prints it: the contract of `gate classify --json`.

import { type Outer, PROTOCOL, type TunnelKind } from "../wire/packet/segment.ts";
import { addressText } from "./flow/address.ts";
import type { FlowSlot } from "./flow/record.ts";
import type { FlowTable } from "./flow/table.ts";
import { type Application, type WhyCode, whyCode, whyOf } from "./why.ts";

export type FlowLine = {
  readonly proto: string;
  /** The flow's initiator, as far as can be seen. */
  readonly src: string;
  readonly srcPort: number;
  readonly dst: string;
  readonly dstPort: number;
  readonly application: Application | null;
  readonly confidence: number;
  readonly why: { readonly code: WhyCode; readonly sentence: string };
  /** The payload packet at which the flow was decided, counted from one; null while it is undecided. */
  readonly decidedAtPacket: number | null;
  readonly packets: number;
  readonly bytes: number;
  /** The outermost packet around the flow's first: what a router must stop to stop the flow. Null when there is none. */
  readonly tunnel: TunnelLine | null;
};

export type TunnelLine = {
  readonly kind: TunnelKind;
  readonly proto: string;
  readonly src: string;
  readonly dst: string;
  /** Zero when the tunnel has no ports. */
  readonly srcPort: number;
  readonly dstPort: number;
};

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [PROTOCOL.tcp, "tcp"],
  [PROTOCOL.udp, "udp"],
  [PROTOCOL.udpLite, "udplite"],
  [PROTOCOL.icmp, "icmp"],
  [PROTOCOL.icmpv6, "icmpv6"],
  [PROTOCOL.igmp, "igmp"],
  [PROTOCOL.gre, "gre"],
  [PROTOCOL.ipv4, "ipip"],
  [PROTOCOL.ipv6, "ipv6"],
  [PROTOCOL.sctp, "sctp"],
]);

export function flowLine(table: FlowTable, slot: FlowSlot): FlowLine {
  const kept = whyCode(table.verdict(slot));
  const code = kept === "flow.undecided" && table.payloadPackets(slot) === 0 ? "flow.silent" : kept;
  const why = whyOf(code);
  const protocol = table.protocol(slot);
  const version = table.version(slot);
  const outer = table.outer(slot);
  return {
    proto: protocolName(protocol),
    src: addressText(table.address(slot, true), version),
    srcPort: table.port(slot, true),
    dst: addressText(table.address(slot, false), version),
    dstPort: table.port(slot, false),
    application: why.application ?? null,
    confidence: why.confidence,
    why: { code, sentence: why.sentence },
    decidedAtPacket: table.decidedAt(slot) === 0 ? null : table.decidedAt(slot),
    packets: table.packets(slot),
    bytes: table.bytes(slot),
    tunnel: outer === undefined ? null : tunnelLine(outer),
  };
}

export function tunnelLine(outer: Outer): TunnelLine {
  return {
    kind: outer.kind,
    proto: protocolName(outer.protocol),
    src: addressText(outer.source, outer.version),
    dst: addressText(outer.destination, outer.version),
    srcPort: outer.sourcePort,
    dstPort: outer.destinationPort,
  };
}

function protocolName(protocol: number): string {
  return PROTOCOL_NAMES.get(protocol) ?? `ip-${protocol}`;
}
