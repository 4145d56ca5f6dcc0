// A connected peer that sends what it likes: the rules of a session with two blocks owed and two pieces held.

import { Session } from "../../../src/engine/peer/session.ts";
import { type PeerSession, REQUESTS_IN_MAX, type SessionHost } from "../../../src/engine/peer/session-host.ts";
import { blockKey } from "../../../src/engine/picker/block-key.ts";
import type { PeerStream } from "../../../src/engine/transport/transport.ts";
import type { Handshake } from "../../../src/wire/peer/handshake.ts";
import { encodeMessage } from "../../../src/wire/peer/message.ts";
import { SimClock } from "../../../src/world/sim/clock.ts";
import type { FuzzTarget } from "../target.ts";

const PIECES = 4;
const PIECE_BYTES = 32 * 1024;
const BLOCK_BYTES = 16 * 1024;
const SENT_BYTES_MAX = 1 << 20;
const HANDSHAKE: Handshake = {
  bits: new Set(["fast", "extended"]),
  infoHash: new Uint8Array(20).fill(1),
  peerId: new Uint8Array(20).fill(0x2d),
};
const HASHES = { piecesRoot: new Uint8Array(32), baseLayer: 0, index: 0, length: 2, proofLayers: 0 };

export const PEER_SESSION: FuzzTarget = {
  name: "peer-session",
  seeds: () => [
    rowOf({ type: "haveAll" }, { type: "unchoke" }, { type: "interested" }),
    rowOf({ type: "bitfield", bits: Uint8Array.of(0xa0) }, { type: "have", piece: 3 }, { type: "choke" }),
    rowOf({ type: "request", piece: 1, beginBytes: 0, lengthBytes: BLOCK_BYTES }, { type: "notInterested" }),
    rowOf({ type: "reject", piece: 0, beginBytes: 0, lengthBytes: BLOCK_BYTES }, { type: "suggest", piece: 2 }),
    rowOf({ type: "piece", piece: 0, beginBytes: 0, data: new Uint8Array(300) }, { type: "allowedFast", piece: 1 }),
    rowOf({ type: "extended", extendedId: 0, payload: Uint8Array.of(0x64, 0x65) }, { type: "haveNone" }),
    rowOf({ type: "hashRequest", ...HASHES }, { type: "hashReject", ...HASHES }),
  ],
  run(input) {
    let sentBytes = 0;
    const host = new FuzzHost();
    const session = new Session({
      id: 1,
      stream: streamTo((bytes) => {
        sentBytes += bytes.length;
      }),
      source: "given",
      direction: "accepted",
      ours: HANDSHAKE,
      theirs: HANDSHAKE,
      host,
      pieceCount: (input[0] ?? 0) % 5 === 0 ? undefined : PIECES,
    });
    session.setChoking(false, host.nowMs());
    for (const block of [0, 1]) session.window.sent(blockKey(0, block), host.nowMs());
    session.received(input.subarray(1));
    if (!session.closed && session.has === undefined) session.learnPieces(PIECES);
    if (session.requestsIn.length > REQUESTS_IN_MAX) throw new Error("the queue of requests has an end");
    if (sentBytes > SENT_BYTES_MAX) throw new Error("answers have an end");
    if (session.closed !== (host.closedWhy !== undefined)) throw new Error("a session that ends tells its host, once");
    return `${host.closedWhy} ${session.has?.count} ${session.requestsIn.length > 0} ${host.blocks}`;
  },
};

class FuzzHost implements SessionHost {
  readonly #clock = new SimClock();
  readonly #place = Buffer.alloc(BLOCK_BYTES);
  closedWhy: string | undefined;
  blocks = 0;

  nowMs = () => this.#clock.monotonicMs();
  isV2 = () => false;
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
  hashMessage = () => undefined;
  tickEnded = () => undefined;
  sessionClosed = (_session: PeerSession, why: string) => {
    if (this.closedWhy !== undefined) throw new Error("a session ends once");
    this.closedWhy = why;
  };
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

function rowOf(...messages: readonly Parameters<typeof encodeMessage>[0][]): Uint8Array {
  return new Uint8Array(Buffer.concat([Uint8Array.of(1), ...messages.map(encodeMessage)]));
}
