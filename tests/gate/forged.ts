// Packets that no ordinary program sends, by a small Python program on a host.

import { fileURLToPath } from "node:url";
import type { Host } from "../lab/host.ts";

const SCRIPT = fileURLToPath(new URL("forged.py", import.meta.url));
const PYTHON = "/usr/bin/python3";

export const FORGERIES = ["fragments", "fragments6", "hidden6", "atomic6", "extensions"] as const;
type Forged = {
  readonly from: Host;
  /** The sender's address where it is not the host's own: over IPv6. */
  readonly own?: string;
  readonly to: string;
  readonly port: number;
  readonly bytes: Uint8Array;
};

/**
 * A datagram in fragments, the last first, over IPv4 or IPv6; in IPv6 also with options among what is cut, as the only
 * fragment, and behind two extension headers.
 */
export function sendForged(kind: (typeof FORGERIES)[number], { from, own, to, port, bytes }: Forged): void {
  from.run(PYTHON, [SCRIPT, kind, own ?? from.address, to, String(port), Buffer.from(bytes).toString("hex")]);
}

/**
 * Says the bytes in small segments, each of which comes twice: with innocent bytes that end at the router, and as meant.
 * Then a kilobyte for every answer. Gives how many bytes an echo returned.
 */
export function sayOverlapping({ from, to, port, bytes }: Forged): number {
  // The kernel knows nothing of this connection, and would reset it.
  const rule = "add table inet mute; add chain inet mute out { type filter hook output priority 0; }";
  from.run("nft", [`${rule}; add rule inet mute out tcp flags rst drop`]);
  const hex = Buffer.from(bytes).toString("hex");
  return Number(from.run(PYTHON, [SCRIPT, "overlapping", from.address, to, String(port), hex]));
}
