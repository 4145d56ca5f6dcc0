// The rules of each message: one handler a type. A handler returns the fault for which the peer is disconnected.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { MessageName, MessageOf, PeerMessage } from "../../wire/peer/format.ts";
import { Bitfield } from "../picker/bitfield.ts";
import { blockKey } from "../picker/block-key.ts";
import { type IncomingRequest, type PeerSession, REQUESTS_IN_MAX } from "./session-host.ts";

type Handler<Name extends MessageName> = (
  session: PeerSession,
  message: MessageOf<Name>,
  body: Uint8Array,
) => string | undefined;

type HandlerTable = { readonly [Name in MessageName]: Handler<Name> };

/** What we serve at most in one message; nobody asks for more than 16 KiB any longer (BEP 3). */
const REQUEST_BYTES_MAX = 128 * 1024;

const nothing = () => undefined;

const HANDLERS: HandlerTable = {
  choke(session) {
    if (session.chokesUs) return undefined;
    session.chokesUs = true;
    // BEP 6: with the fast extension each request is rejected by name; without, a choke drops them all.
    if (!session.fast) session.forgetRequests();
    session.host.chokeChanged(session);
    return undefined;
  },
  unchoke(session) {
    session.chokesUs = false;
    session.host.chokeChanged(session);
    return undefined;
  },
  interested(session) {
    session.wantsUs = true;
    session.host.wantChanged(session);
    return undefined;
  },
  notInterested(session) {
    session.wantsUs = false;
    session.host.wantChanged(session);
    return undefined;
  },
  have(session, { piece }, body) {
    session.piecesTold = true;
    if (session.has === undefined) return later(session, body);
    if (piece >= session.has.length) return "have-out-of-range";
    if (session.has.set(piece)) session.host.pieceTold(session, piece);
    return undefined;
  },
  bitfield(session, { bits }, body) {
    const isFirst = !session.piecesTold;
    session.piecesTold = true;
    if (session.has === undefined) return later(session, body);
    const told = Bitfield.fromWire(bits, session.has.length);
    if (told === undefined) return "bitfield-wrong";
    if (!isFirst) return toldMore(session, told);
    session.has = told;
    session.host.piecesTold(session);
    return undefined;
  },
  haveAll(session, _message, body) {
    if (!session.fast) return "fast-not-agreed";
    if (session.piecesTold) return "bitfield-late";
    session.piecesTold = true;
    if (session.has === undefined) return later(session, body);
    session.has.fill();
    session.host.piecesTold(session);
    return undefined;
  },
  haveNone(session, _message, body) {
    if (!session.fast) return "fast-not-agreed";
    if (session.piecesTold) return "bitfield-late";
    session.piecesTold = true;
    return session.has === undefined ? later(session, body) : undefined;
  },
  request: handleRequest,
  // Frames of pieces never get here whole: the frame reader takes them apart.
  piece: nothing,
  cancel(session, range) {
    session.host.cancelled(session, range);
    return undefined;
  },
  port(session, { port }) {
    // BEP 27: where we do not take part in the hash table, we do not ask others that do.
    if (session.dht && port > 0) session.host.nodeTold(session, port);
    return undefined;
  },
  suggest(session, { piece }) {
    if (!session.fast) return "fast-not-agreed";
    if (outOfRange(session, piece)) return "suggest-out-of-range";
    session.host.suggested(session);
    return undefined;
  },
  reject(session, range) {
    if (!session.fast) return "fast-not-agreed";
    const key = blockKey(range.piece, Math.floor(range.beginBytes / BLOCK_BYTES));
    const { window } = session;
    // After a choke all requests are rejected, which says nothing of what the peer sends once it does not choke.
    const wasAsked = session.chokesUs ? window.drop(key) : window.rejected(key, session.host.nowMs());
    if (wasAsked) session.host.requestsLost(session, [key]);
    else if (session.lateBlocks > 0) session.lateBlocks--;
    return undefined;
  },
  allowedFast(session, { piece }) {
    if (!session.fast) return "fast-not-agreed";
    return outOfRange(session, piece) ? "allowed-fast-out-of-range" : undefined;
  },
  extended(session, { extendedId, payload }) {
    if (!session.extended) return "extensions-not-agreed";
    return session.host.extendedMessage(session, extendedId, payload);
  },
  hashRequest: (session, message) => session.host.hashMessage(session, message),
  hashes: (session, message) => session.host.hashMessage(session, message),
  hashReject: (session, message) => session.host.hashMessage(session, message),
};

/** Returns the fault for which the peer has to be disconnected, if the message is one. */
export function handleMessage(session: PeerSession, message: PeerMessage, body: Uint8Array): string | undefined {
  // The table's key and the message's type are the same word, which the compiler cannot follow through a look-up.
  const handle = HANDLERS[message.type] as (s: PeerSession, m: PeerMessage, b: Uint8Array) => string | undefined;
  return handle(session, message, body);
}

/** Reached by the short way too: requests are nearly all that a seed receives. */
export function handleRequest(session: PeerSession, request: IncomingRequest): string | undefined {
  const fault = rangeFault(session, request);
  if (fault !== undefined) return fault;
  if (session.weChoke || !session.host.hasPiece(request.piece) || session.requestsIn.length >= REQUESTS_IN_MAX) {
    session.reject(request);
    return undefined;
  }
  const { piece, beginBytes, lengthBytes } = request;
  session.host.requested(session, { piece, beginBytes, lengthBytes });
  return undefined;
}

/** aria2 tells of many new pieces at once by another bitfield, wherever BEP 3 wants one only at the start. */
function toldMore(session: PeerSession, told: Bitfield): undefined {
  for (let piece = 0; piece < told.length && !session.closed; piece++) {
    if (told.has(piece) && session.has?.set(piece) === true) session.host.pieceTold(session, piece);
  }
  return undefined;
}

function later(session: PeerSession, body: Uint8Array): undefined {
  session.keepForLater(body);
  return undefined;
}

function outOfRange(session: PeerSession, piece: number): boolean {
  return session.has !== undefined && piece >= session.has.length;
}

function rangeFault(session: PeerSession, { piece, beginBytes, lengthBytes }: IncomingRequest): string | undefined {
  const pieceBytes = session.host.pieceBytes(piece);
  if (pieceBytes === undefined) return "request-out-of-range";
  if (lengthBytes === 0 || lengthBytes > REQUEST_BYTES_MAX) return "request-length-wrong";
  return beginBytes + lengthBytes > pieceBytes ? "request-out-of-range" : undefined;
}
