// Packets that no ordinary program sends, by a small Python program on a host.

import { fileURLToPath } from "node:url";
import type { Host } from "../lab/host.ts";

const SCRIPT = fileURLToPath(new URL("forged.py", import.meta.url));
const PYTHON = "/usr/bin/python3";

type Forged = {
  readonly from: Host;
  readonly to: string;
  readonly port: number;
  readonly bytes: Uint8Array;
};

/** A datagram in fragments (IPv4), the last first, or behind two extension headers (IPv6). */
export function sendForged(kind: "fragments" | "extensions", { from, to, port, bytes }: Forged): void {
  from.run(PYTHON, [SCRIPT, kind, from.address, to, String(port), Buffer.from(bytes).toString("hex")]);
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
