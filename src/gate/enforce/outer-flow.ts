// A tunnel as the kernel's rules name it: the outer packet's protocol, addresses and ports.

import { type Outer, PROTOCOL } from "../../wire/packet/segment.ts";
import { type TunnelLine, tunnelLine } from "../flow-line.ts";

/** `proto` is a number where there are no ports: `nft` takes both. */
export type OuterFlow = Omit<TunnelLine, "kind">;

export function tunnelOf(outer: Outer): TunnelLine {
  return { ...tunnelLine(outer), proto: outer.protocol === PROTOCOL.udp ? "udp" : String(outer.protocol) };
}
