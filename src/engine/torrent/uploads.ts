// Pieces on their way out: read whole, framed once, sent to any number of peers in long writes.

import { present } from "../../base/assert.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import { PIECE_HEAD_BYTES, writePieceHead } from "../../wire/peer/block-frame.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { TokenBuckets } from "../limits/token-bucket.ts";
import type { IncomingRequest, PeerSession } from "../peer/session-host.ts";
import { frameOffset, payloadViews } from "../storage/framed-piece.ts";
import { type CachedPiece, PieceCache, type PieceCacheOptions } from "./piece-cache.ts";
import { bytesOf, ServingLine } from "./serving-line.ts";

/** What may wait in a stream before we stop filling it. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/** Pieces that are read before the first of a peer's queue is sent. */
const READ_AHEAD_PIECES = 3;

export type UploadOptions = PieceCacheOptions & {
  readonly limits: TokenBuckets;
  readonly nowMs: () => MonotonicMs;
  readonly sent: (bytes: number) => void;
  /** Members of a closed swarm are served piece by piece; this tells how many peers have one. Absent: all side by side. */
  readonly copies?: (piece: number) => number;
};

export class Uploads {
  readonly #options: UploadOptions;
  readonly #cache: PieceCache;
  /** Sessions to look at again when a piece arrives from the disk. */
  readonly #waiting = new Set<PeerSession>();
  readonly #line: ServingLine<PeerSession> | undefined;
  /** Sessions that have asked for something, where they are served in turns. */
  readonly #asking = new Set<PeerSession>();

  constructor(options: UploadOptions) {
    this.#options = options;
    if (options.copies !== undefined) {
      this.#line = new ServingLine(options.content.layout.pieceLengthBytes, options.copies);
    }
    this.#cache = new PieceCache(options, (piece) => this.#loaded(piece));
  }

  /**
   * Of the pieces that members wait for, of which nothing has left, the most urgent stay; the rest is refused where the asker
   * knows what that means. Returns how many had waited.
   */
  refuseBeyond(piecesMax: number): number {
    const waiting = this.#line?.waiting(this.#asking) ?? [];
    for (const { session, piece } of waiting.slice(piecesMax)) {
      if (!session.takesRefusals) continue;
      rejectAll(session, piece);
      if (session.requestsIn.length === 0) this.#asking.delete(session);
    }
    return waiting.length;
  }

  requested(session: PeerSession, request: IncomingRequest): void {
    session.requestsIn.push(request);
    if (this.#line === undefined) return;
    this.#line.askedMore(session, request.lengthBytes, this.#options.nowMs());
    this.#asking.add(session);
  }

  /** The peer has the piece now. */
  arrived(session: PeerSession, piece: number): void {
    if (this.#line === undefined) return;
    this.#line.arrived(session, piece, this.#options.nowMs());
    this.#pumpLine();
  }

  tick(nowMs: MonotonicMs): void {
    this.#line?.tick(nowMs);
    if (this.#line !== undefined) this.#pumpLine();
  }

  /** BEP 6: a cancelled request is answered too, by a reject. */
  cancelled(session: PeerSession, request: IncomingRequest): void {
    const at = session.requestsIn.findIndex(
      (one) => one.piece === request.piece && one.beginBytes === request.beginBytes,
    );
    if (at < 0) return;
    session.requestsIn.splice(at, 1);
    session.reject(request);
  }

  /** Sends what is ready and may go. Called after requests came, bytes left, tokens grew, a piece was read. */
  pump(session: PeerSession): void {
    if (this.#line === undefined) this.#pumpAlone(session);
    else this.#pumpLine();
  }

  #pumpLine(): void {
    while (this.#serveTurn());
  }

  /** False when nothing more may leave now. */
  #serveTurn(): boolean {
    if (this.#line === undefined || this.#asking.size === 0) return false;
    const tokens = this.#options.limits.available(this.#options.nowMs());
    if (tokens <= 0) return false;
    let loads = 0;
    for (const { session, piece } of this.#line.turns(this.#asking)) {
      if (session.closed || session.stream.unsentBytes >= UNSENT_BYTES_MAX) continue;
      const cached = this.#cache.get(piece);
      if (cached !== undefined) {
        this.#sendTurn(session, cached, tokens);
        return true;
      }
      this.#cache.load(piece);
      if (++loads >= READ_AHEAD_PIECES) return false;
    }
    return false;
  }

  #sendTurn(session: PeerSession, cached: CachedPiece, tokens: number): void {
    const { requestsIn } = session;
    const at = requestsIn.findIndex((one) => one.piece === cached.piece);
    const first = present(requestsIn[at], "a request that has its turn");
    const count = isWholeBlock(first, cached) ? runLength(requestsIn.slice(at), cached, tokens) : 1;
    const run = requestsIn.splice(at, count);
    this.#line?.left(session, cached.piece, bytesOf(run), this.#options.nowMs());
    if (requestsIn.length === 0) this.#asking.delete(session);
    this.#send(session, cached, run);
  }

  #pumpAlone(session: PeerSession): void {
    const { requestsIn, stream } = session;
    while (requestsIn.length > 0 && !session.closed && stream.unsentBytes < UNSENT_BYTES_MAX) {
      const tokens = this.#options.limits.available(this.#options.nowMs());
      if (tokens <= 0) return;
      const [first] = requestsIn;
      if (first === undefined) return;
      const cached = this.#cache.get(first.piece);
      if (cached === undefined) {
        this.#readAhead(session);
        return;
      }
      const count = isWholeBlock(first, cached) ? runLength(requestsIn, cached, tokens) : 1;
      this.#send(session, cached, requestsIn.splice(0, count));
    }
    if (requestsIn.length > 0) this.#readAhead(session);
  }

  #send(session: PeerSession, cached: CachedPiece, run: readonly IncomingRequest[]): void {
    const [first] = run;
    if (first === undefined) return;
    const payloadBytes = bytesOf(run);
    if (isWholeBlock(first, cached)) {
      const begin = frameOffset(first.beginBytes / BLOCK_BYTES);
      const release = this.#cache.hold(cached);
      const end = begin + payloadBytes + run.length * PIECE_HEAD_BYTES;
      session.stream.write(cached.slot.bytes.subarray(begin, end), () => {
        release();
        this.#taken(session, payloadBytes);
      });
    } else {
      session.stream.write(oddFrame(cached, first), () => this.#taken(session, payloadBytes));
    }
    session.up.add(payloadBytes);
    this.#options.limits.spend(payloadBytes);
    this.#options.sent(payloadBytes);
  }

  #taken(session: PeerSession, bytes: number): void {
    if (this.#line === undefined) return;
    this.#line.taken(session, bytes);
    this.#pumpLine();
  }

  #readAhead(session: PeerSession): void {
    this.#waiting.add(session);
    const pieces = new Set<number>();
    for (const { piece } of session.requestsIn) {
      if (pieces.has(piece)) continue;
      pieces.add(piece);
      this.#cache.load(piece);
      if (pieces.size >= READ_AHEAD_PIECES) return;
    }
  }

  #loaded(piece: number): void {
    if (this.#line !== undefined) {
      if (this.#cache.isLost(piece)) for (const session of this.#asking) rejectAll(session, piece);
      this.#pumpLine();
      return;
    }
    for (const session of Array.from(this.#waiting)) {
      if (session.closed) this.#waiting.delete(session);
      else if (this.#cache.isLost(piece)) rejectAll(session, piece);
      if (session.requestsIn[0]?.piece !== piece) continue;
      this.#waiting.delete(session);
      this.pump(session);
    }
  }

  forget(session: PeerSession): void {
    this.#waiting.delete(session);
    this.#asking.delete(session);
    this.#line?.forget(session);
  }

  close(): void {
    this.#waiting.clear();
    this.#cache.close();
  }
}

/** A request that is answered by bytes that already lie framed in memory. */
function isWholeBlock({ beginBytes, lengthBytes }: IncomingRequest, cached: CachedPiece): boolean {
  return beginBytes % BLOCK_BYTES === 0 && lengthBytes === Math.min(BLOCK_BYTES, cached.pieceBytes - beginBytes);
}

/** How many requests from the front ask for adjacent whole blocks, within the tokens (one at least). */
function runLength(requests: readonly IncomingRequest[], cached: CachedPiece, tokens: number): number {
  let count = 0;
  let next = requests[0]?.beginBytes ?? 0;
  let bytes = 0;
  for (const request of requests) {
    if (request.piece !== cached.piece || request.beginBytes !== next || !isWholeBlock(request, cached)) break;
    if (count > 0 && (bytes + request.lengthBytes > tokens || bytes >= UNSENT_BYTES_MAX)) break;
    count++;
    bytes += request.lengthBytes;
    next += request.lengthBytes;
  }
  return Math.max(1, count);
}

/** The end of a file before a pad, or a client of another habit: rare enough for a copy. Padding is sent as zeros. */
function oddFrame(cached: CachedPiece, request: IncomingRequest): Buffer {
  const head = Buffer.allocUnsafe(PIECE_HEAD_BYTES);
  writePieceHead(head, 0, request);
  const heldBytes = Math.max(0, Math.min(request.lengthBytes, cached.pieceBytes - request.beginBytes));
  const padding = Buffer.alloc(request.lengthBytes - heldBytes);
  return Buffer.concat([head, ...payloadViews(cached.slot.bytes, request.beginBytes, heldBytes), padding]);
}

function rejectAll(session: PeerSession, piece: number): void {
  const lost = session.requestsIn.filter((request) => request.piece === piece);
  const kept = session.requestsIn.filter((request) => request.piece !== piece);
  session.requestsIn.splice(0, session.requestsIn.length, ...kept);
  for (const request of lost) session.reject(request);
}
