// Whether a new connection may stay: not to ourselves (H63), and one to each peer.

import type { Clock } from "../../world/clock.ts";
import type { PeerSession } from "../peer/session-host.ts";

/** Why the newcomer has to go, or which older connection has to go for it. */
export type Welcome = { readonly refused: string } | { readonly replaces: PeerSession | undefined };

export function welcome(newcomer: PeerSession, others: Iterable<PeerSession>, ourPeerId: Uint8Array): Welcome {
  if (Buffer.compare(newcomer.peerId, ourPeerId) === 0) return { refused: "self-connection" };
  for (const other of others) {
    if (other === newcomer || Buffer.compare(other.peerId, newcomer.peerId) !== 0) continue;
    // Both dialled at once: both sides keep the connection that the greater peer id made.
    const oursIsGreater = Buffer.compare(ourPeerId, newcomer.peerId) > 0;
    const keepsNew = other.direction !== newcomer.direction && (newcomer.direction === "dialled") === oursIsGreater;
    return keepsNew ? { replaces: other } : { refused: "connected-already" };
  }
  return { replaces: undefined };
}

const SELF_MS = 2_000;

// Our own dialling half has to see our peer id to know whom it met: the accepting half leaves the closing to it.
export function sendAway(session: PeerSession, why: string, clock: Clock): void {
  const waits = why === "self-connection" && session.direction === "accepted";
  if (waits) clock.after(SELF_MS, () => session.close(why));
  else session.close(why);
}
