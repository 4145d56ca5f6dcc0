// A connected peer as the rest of the engine sees it, and what its session reports to the torrent that owns it.

import type { BlockRange } from "../../wire/peer/block-frame.ts";
import type { ExtendedHandshake } from "../../wire/peer/extended-handshake.ts";
import type { MessageOf } from "../../wire/peer/format.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSource } from "../discovery/source.ts";
import type { RateMeter } from "../limits/rate-meter.ts";
import type { Bitfield } from "../picker/bitfield.ts";
import type { BlockKey } from "../picker/picker.ts";
import type { PeerStream } from "../transport/transport.ts";
import type { Outbox } from "./outbox.ts";
import type { RequestWindow } from "./request-window.ts";

/** What we are asked for and have not sent: at most REQUESTS_IN_MAX of them a peer (H54). */
export type IncomingRequest = BlockRange;
export const REQUESTS_IN_MAX = 2048;

export interface PeerSession {
  readonly id: number;
  readonly stream: PeerStream;
  readonly source: PeerSource;
  readonly direction: "dialled" | "accepted";
  readonly peerId: Uint8Array;
  /** The 20 bytes of the handshake: which of a hybrid's two swarms this connection belongs to. */
  readonly infoHash: Uint8Array;
  readonly fast: boolean;
  readonly extended: boolean;
  readonly v2: boolean;
  readonly host: SessionHost;
  readonly out: Outbox;
  readonly window: RequestWindow;
  readonly down: RateMeter;
  readonly up: RateMeter;
  readonly requestsIn: IncomingRequest[];

  /** Undefined until a magnet's metadata is known. */
  has: Bitfield | undefined;
  weChoke: boolean;
  weWant: boolean;
  chokesUs: boolean;
  wantsUs: boolean;
  servedSinceMs: number;
  uploadOnly: boolean;
  theirHandshake: ExtendedHandshake | undefined;
  client: string;
  /** Whether a bitfield, a "have all" or a have was seen: no bitfield may come after it. */
  piecesTold: boolean;
  /** Blocks that may still come though we no longer wait for them (cancelled, timed out, choked). */
  lateBlocks: number;
  readonly closed: boolean;

  /** `rest` is what arrived behind the handshake. */
  start(rest: Uint8Array): void;
  received(bytes: Uint8Array): void;
  /** The metadata is known now: what was told before is understood. */
  learnPieces(pieceCount: number): void;
  keepForLater(body: Uint8Array): void;
  setChoking(choke: boolean, nowMs: MonotonicMs): void;
  setWanting(want: boolean): void;
  reject(request: IncomingRequest): void;
  /** Blocks asked for, of one piece or all, go back to the picker; the peer may still send some of them. */
  forgetRequests(piece?: number): void;
  /** The block under way goes nowhere: somebody else's copy was faster, or its piece is gone. */
  skipBlockOf(piece: number, beginBytes?: number): void;
  /** Once a second. */
  tick(nowMs: MonotonicMs, elapsedMs: number): void;
  close(why: string): void;
}

export interface SessionHost {
  nowMs(): MonotonicMs;
  /** Whether this wire hash is the truncated v2 one. */
  isV2(infoHash: Uint8Array): boolean;
  /** Bytes of the piece on the wire, pads included; undefined for a piece that the torrent does not have. */
  pieceBytes(piece: number): number | undefined;
  hasPiece(piece: number): boolean;

  /** Where an arriving block goes; undefined when it was not asked for. */
  placeOf(session: PeerSession, block: BlockRange): Buffer | undefined;
  blockArrived(session: PeerSession, block: BlockRange): void;
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
  requested(session: PeerSession, request: IncomingRequest): void;
  cancelled(session: PeerSession, request: IncomingRequest): void;
  /** Returns a fault, if the message is one. `payload` is only valid during the call. */
  extendedMessage(session: PeerSession, extendedId: number, payload: Uint8Array): string | undefined;
  hashMessage(
    session: PeerSession,
    message: MessageOf<"hashRequest"> | MessageOf<"hashes"> | MessageOf<"hashReject">,
  ): string | undefined;
  /** All bytes of one read were handled: time to ask for more. */
  tickEnded(session: PeerSession): void;
  sessionClosed(session: PeerSession, why: string): void;
}
