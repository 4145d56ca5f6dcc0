// Pieces that were told of and are gone (BEP 54): ours that rotted on the disk, and those of peers.

import { DONT_HAVE_NAME, decodeDontHave, encodeDontHave } from "../../wire/peer/dont-have-message.ts";
import { FORMATS } from "../../wire/peer/format.ts";
import type { PeerSession } from "./session-host.ts";

export function tellLost(session: PeerSession, piece: number): void {
  const extendedId = session.theirHandshake?.ids.get(DONT_HAVE_NAME) ?? 0;
  if (extendedId > 0) session.out.message({ type: "extended", extendedId, payload: encodeDontHave(piece) });
}

/** Came under the id `extendedId` of ours. Returns a fault. */
export function hearLost(session: PeerSession, extendedId: number, payload: Uint8Array): string | undefined {
  const piece = decodeDontHave(payload);
  if (piece === undefined) return "dont-have-malformed";
  const { has } = session;
  if (has === undefined) {
    session.keepForLater(Uint8Array.of(FORMATS.extended.id, extendedId, ...payload));
    return undefined;
  }
  if (piece >= has.length) return "dont-have-out-of-range";
  if (!has.clear(piece)) return undefined;
  session.forgetRequests(piece);
  session.host.pieceUntold(session, piece);
  return undefined;
}
