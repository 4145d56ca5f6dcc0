// Gnutella: the text handshake of 0.4, 0.6 and Gnutella2, binary messages over UDP (0.6, with GGEP, out-of-band queries
// and the Mojito DHT), and Gnutella2's GND datagrams.

import { INITIATOR, RESPONDER, type Talk } from "../flow/talk.ts";
import type { Judgement, Recogniser } from "./recogniser.ts";
import { byteAt, headMatches, little32, pattern } from "./text.ts";

/** Also compiled into kernel rules: see signatures.ts. */
export const GNUTELLA_CONNECT = pattern("GNUTELLA CONNECT/");
export const GNUTELLA_ANSWER = pattern("GNUTELLA/0.");
const GNUTELLA_PUSH = pattern("GIV ");
const PUSH_PATTERN = /^GIV \d{1,9}:[0-9A-Fa-f]{32}\//;

const HEADER_BYTES = 23;
const HOPS_MAX = 15;
/** gtk-gnutella's marks in the time to live of datagrams. */
const DEFLATED = 0x80;
const CAN_INFLATE = 0x40;
const ZLIB = 0x78;
const ZLIB_BYTES_MIN = 8;
const GGEP = 0xc3;
const PACKETS_MAX = 6;
const KIND = {
  ping: 0,
  pong: 1,
  bye: 2,
  routes: 0x30,
  vendor: 0x31,
  standard: 0x32,
  push: 0x40,
  dht: 0x44,
  query: 0x80,
  hit: 0x81,
};
/** The least number of bytes behind the header. */
const BODY_BYTES_MIN: ReadonlyMap<number, number> = new Map([
  [KIND.ping, 1],
  [KIND.pong, 14],
  [KIND.bye, 4],
  [KIND.routes, 2],
  [KIND.vendor, 8],
  [KIND.standard, 8],
  [KIND.push, 26],
  [KIND.dht, 38],
  [KIND.query, 4],
  [KIND.hit, 27],
]);
const MARK_AT = 8;
const RESERVED_AT = 15;

function judgeStream(talk: Talk): Judgement {
  const opening = headMatches(talk, INITIATOR, GNUTELLA_CONNECT);
  const answer = headMatches(talk, RESPONDER, GNUTELLA_ANSWER);
  if (opening === "yes" || answer === "yes") return "gnutella.handshake";
  const push = headMatches(talk, INITIATOR, GNUTELLA_PUSH);
  if (push === "yes" && PUSH_PATTERN.test(Buffer.from(talk.headCopy(INITIATOR)).toString("latin1")))
    return "gnutella.transfer";
  const mayCome = opening === "part" || push === "part" || (talk.headBytes(INITIATOR) === 0 && answer === "part");
  return mayCome && talk.packets < GNUTELLA_CONNECT.length ? "more" : "no";
}

function judgeDatagram(talk: Talk): Judgement {
  if (isGnutella2(talk)) return "gnutella.g2";
  if (isMessage(talk)) return "gnutella.message";
  return talk.packets < PACKETS_MAX ? "more" : "no";
}

// Identifier, kind, time to live, hops, length of the rest. The Mojito DHT has its version where the others count hops.
function isMessage(talk: Talk): boolean {
  const count = talk.chunkBytes;
  if (count < HEADER_BYTES) return false;
  const kind = byteAt(talk, 16);
  const least = BODY_BYTES_MIN.get(kind);
  if (least === undefined || little32(talk, 19) !== count - HEADER_BYTES) return false;
  const body = count - HEADER_BYTES;
  const isDeflated = (byteAt(talk, 17) & DEFLATED) !== 0;
  const hopsLeft = byteAt(talk, 17) & ~(DEFLATED | CAN_INFLATE);
  const hopsGone = byteAt(talk, 18);
  if (hopsLeft + hopsGone > HOPS_MAX || !hasIdentifier(talk)) return false;
  if (isDeflated) return body > ZLIB_BYTES_MIN && byteAt(talk, HEADER_BYTES) === ZLIB;
  // A bare ping is twenty-three bytes that prove little: the identifier must carry the marks of modern clients.
  if (kind === KIND.ping && body === 0) return isModern(talk) && hopsLeft > 0;
  if (body < least) return false;
  return kind !== KIND.ping || byteAt(talk, HEADER_BYTES) === GGEP;
}

function hasIdentifier(talk: Talk): boolean {
  let zeros = 0;
  for (let at = 0; at < 16; at += 1) if (byteAt(talk, at) === 0) zeros += 1;
  return zeros <= 6;
}

function isModern(talk: Talk): boolean {
  return byteAt(talk, MARK_AT) === 0xff && byteAt(talk, RESERVED_AT) === 0;
}

// "GND", flags (1 deflated, 2 acknowledge), sequence, part, count; an acknowledgement has a count of zero and no body.
function isGnutella2(talk: Talk): boolean {
  if (talk.chunkBytes < 8 || byteAt(talk, 0) !== 0x47 || byteAt(talk, 1) !== 0x4e || byteAt(talk, 2) !== 0x44)
    return false;
  const part = byteAt(talk, 6);
  const count = byteAt(talk, 7);
  return count === 0 ? talk.chunkBytes === 8 && part > 0 : part > 0 && part <= count && talk.chunkBytes > 9;
}

export const gnutella: Recogniser = { name: "gnutella", judge: judgeStream };
export const gnutellaUdp: Recogniser = { name: "gnutella udp", judge: judgeDatagram };
