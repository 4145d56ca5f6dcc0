// A session of a connected peer and the torrent that owns it, for the targets that let a peer send what it likes.

import { Session } from "../../src/engine/peer/session.ts";
import type { HashMessage, PeerSession, SessionHost } from "../../src/engine/peer/session-host.ts";
import { blockKey } from "../../src/engine/picker/block-key.ts";
import type { PeerStream } from "../../src/engine/transport/transport.ts";
import type { PeerMessage } from "../../src/wire/peer/format.ts";
import type { Handshake } from "../../src/wire/peer/handshake.ts";
import { encodeMessage } from "../../src/wire/peer/message.ts";
import { SimClock } from "../../src/world/sim/clock.ts";

export const PIECES = 4;
export const PIECE_BYTES = 32 * 1024;
export const BLOCK_BYTES = 16 * 1024;
const HANDSHAKE: Handshake = {
  bits: new Set(["fast", "extended"]),
  infoHash: new Uint8Array(20).fill(1),
  peerId: new Uint8Array(20).fill(0x2d),
};

/** A torrent of four pieces, of which we hold the two in the middle. */
export class FuzzHost implements SessionHost {
  readonly #clock = new SimClock();
  readonly #place = Buffer.alloc(BLOCK_BYTES);
  closedWhy: string | undefined;
  sentBytes = 0;
  blocks = 0;

  isV2(): boolean {
    return false;
  }

  hashMessage(_session: PeerSession, _message: HashMessage): string | undefined {
    return undefined;
  }

  nowMs = () => this.#clock.monotonicMs();
  pieceBytes = (piece: number) => (piece < PIECES ? PIECE_BYTES : undefined);
  hasPiece = (piece: number) => piece === 1 || piece === 2;
  placeOf = (
    session: PeerSession,
    { piece, beginBytes, lengthBytes }: { piece: number; beginBytes: number; lengthBytes: number },
  ) =>
    session.window.has(blockKey(piece, beginBytes / BLOCK_BYTES)) ? this.#place.subarray(0, lengthBytes) : undefined;
  landingPlace = () => undefined;
  blockArrived = () => {
    this.blocks += 1;
  };
  wasted = () => undefined;
  requestsLost = () => undefined;
  snubbed = () => undefined;
  chokeChanged = () => undefined;
  wantChanged = () => undefined;
  piecesTold = () => undefined;
  pieceTold = () => undefined;
  pieceUntold = () => undefined;
  nodeTold = () => undefined;
  suggested = () => undefined;
  requested = (session: PeerSession, request: PeerSession["requestsIn"][number]) => {
    session.requestsIn.push(request);
  };
  cancelled = () => undefined;
  extendedMessage = () => undefined;
  tickEnded = () => undefined;
  sessionClosed = (_session: PeerSession, why: string) => {
    if (this.closedWhy !== undefined) throw new Error("a session ends once");
    this.closedWhy = why;
  };
}

export function sessionOf(host: FuzzHost, pieceCount: number | undefined): Session {
  return new Session({
    id: 1,
    stream: streamTo((bytes) => {
      host.sentBytes += bytes.length;
    }),
    source: "given",
    direction: "accepted",
    ours: HANDSHAKE,
    theirs: HANDSHAKE,
    host,
    pieceCount,
  });
}

function streamTo(write: (bytes: Uint8Array) => void): PeerStream {
  return {
    transport: "tcp",
    remote: { host: "10.0.0.1", port: 7 },
    boundInfoHash: undefined,
    unsentBytes: 0,
    start: () => undefined,
    write,
    setReading: () => undefined,
    close: () => undefined,
  };
}

/** Messages in a row, behind the byte that chooses the case. */
export function rowOf(...messages: readonly PeerMessage[]): Uint8Array {
  return new Uint8Array(Buffer.concat([Uint8Array.of(1), ...messages.map(encodeMessage)]));
}
