// A connected peer as the rest of the engine sees it, and what its session reports to the torrent that owns it.

import type { BlockRange } from "../../wire/peer/block-frame.ts";
import type { MessageOf } from "../../wire/peer/format.ts";
import type { NextByte } from "../../wire/peer/frame-reader.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { BlockKey } from "../picker/block-key.ts";
import type { Session } from "./session.ts";

/** What we are asked for and have not sent: at most REQUESTS_IN_MAX of them a peer (H54). */
export type IncomingRequest = BlockRange;
export const REQUESTS_IN_MAX = 2048;

/** A connected peer, without what is its session's own business. */
export type PeerSession = Pick<Session, keyof Session>;

export type HashMessage = MessageOf<"hashRequest"> | MessageOf<"hashes"> | MessageOf<"hashReject">;

export interface SessionHost {
  nowMs(): MonotonicMs;
  /** Whether this wire hash is the truncated v2 one. */
  isV2(infoHash: Uint8Array): boolean;
  /** Bytes of the piece on the wire, pads included; undefined for a piece that the torrent does not have. */
  pieceBytes(piece: number): number | undefined;
  hasPiece(piece: number): boolean;

  /** Where an arriving block goes; undefined when it was not asked for. Its payload begins at `at` of what was read. */
  placeOf(session: PeerSession, block: BlockRange, read: Buffer, at: number): Buffer | undefined;
  /** Where the peer's next bytes may be read to at once. */
  landingPlace(session: PeerSession, next: NextByte): Buffer | undefined;
  /** `bytes` are where the block was placed. */
  blockArrived(session: PeerSession, block: BlockRange, bytes: Buffer): void;
  wasted(bytes: number): void;
  /** Requests that will not be answered go back to the picker. */
  requestsLost(session: PeerSession, keys: readonly BlockKey[]): void;
  snubbed(session: PeerSession): void;
  chokeChanged(session: PeerSession): void;
  wantChanged(session: PeerSession): void;
  /** The peer told what it has: everything it told is in `session.has`. */
  piecesTold(session: PeerSession): void;
  pieceTold(session: PeerSession, piece: number): void;
  /** The peer lost a piece: it is gone from `session.has`. */
  pieceUntold(session: PeerSession, piece: number): void;
  /** BEP 6: the peer would like to be asked for something that it has. */
  suggested(session: PeerSession): void;
  requested(session: PeerSession, request: IncomingRequest): void;
  cancelled(session: PeerSession, request: IncomingRequest): void;
  /** Returns a fault, if the message is one. `payload` is only valid during the call. */
  extendedMessage(session: PeerSession, extendedId: number, payload: Uint8Array): string | undefined;
  hashMessage(session: PeerSession, message: HashMessage): string | undefined;
  /** BEP 5: the peer runs a node of the hash table at this port. */
  nodeTold(session: PeerSession, port: number): void;
  /** All bytes of one read were handled: time to ask for more. */
  tickEnded(session: PeerSession): void;
  sessionClosed(session: PeerSession, why: string): void;
}
