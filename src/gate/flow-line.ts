// One flow as the command prints it: the contract of `gate classify --json`.

import { PROTOCOL } from "../wire/packet/segment.ts";
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
};

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [PROTOCOL.tcp, "tcp"],
  [PROTOCOL.udp, "udp"],
  [PROTOCOL.udpLite, "udplite"],
  [PROTOCOL.icmp, "icmp"],
  [PROTOCOL.icmpv6, "icmpv6"],
  [PROTOCOL.igmp, "igmp"],
  [PROTOCOL.gre, "gre"],
  [PROTOCOL.sctp, "sctp"],
]);

export function flowLine(table: FlowTable, slot: FlowSlot): FlowLine {
  const kept = whyCode(table.verdict(slot));
  const code = kept === "flow.undecided" && table.payloadPackets(slot) === 0 ? "flow.silent" : kept;
  const why = whyOf(code);
  const protocol = table.protocol(slot);
  const version = table.version(slot);
  return {
    proto: PROTOCOL_NAMES.get(protocol) ?? `ip-${protocol}`,
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
  };
}
