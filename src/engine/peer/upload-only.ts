// A change of mind about BEP 21 after the handshake, as libtorrent tells it: one byte, 1 for a peer that only uploads.

import type { PeerSession } from "./session-host.ts";

export const UPLOAD_ONLY_NAME = "upload_only";

export function tellUploadOnly(session: PeerSession, isUploadOnly: boolean): void {
  const extendedId = session.theirHandshake?.ids.get(UPLOAD_ONLY_NAME) ?? 0;
  if (extendedId > 0)
    session.out.message({ type: "extended", extendedId, payload: Uint8Array.of(Number(isUploadOnly)) });
}

/** Returns a fault. */
export function hearUploadOnly(session: PeerSession, payload: Uint8Array): string | undefined {
  if (payload.length !== 1) return "upload-only-malformed";
  session.uploadOnly = payload[0] !== 0;
  return undefined;
}
