// Soulseek: server, peer, file and distributed connections, plain and under the rotating key. Messages are
// little-endian lengths with a code; ports are no evidence. Seen with Nicotine+ 3.3 and 3.4, aioslsk and two servers; the
// protocol is described at https://nicotine-plus.org/doc/SLSKPROTOCOL.html.

import { INITIATOR, RESPONDER, type Side, type Talk } from "../flow/talk.ts";
import type { Judgement, Recogniser } from "./recogniser.ts";
import { headLittle32 } from "./text.ts";

/** A message that has begun may come in very small segments. */
const PACKETS_MAX = 64;
/** While the side that opened the connection says nothing. */
const SILENT_PACKETS_MAX = 10;
const LOGIN_BYTES_MAX = 400;
const NAME_BYTES_MAX = 64;
const LOGIN_CODE = 1;
const DIGEST_TEXT_BYTES = 32;
const VERSION_MIN = 100;
const VERSION_MAX = 255;
const PIERCE_BYTES = 9;
/** The number of the transfer, raw, when the pierced connection is for a file. */
const TRANSFER_TOKEN_BYTES = 4;
const PIERCE_LENGTH = 5;
const INIT_BYTES_MIN = 18;
const PEER_CODES_MAX = 64;
const MESSAGE_BYTES_MAX = 1 << 24;
const DISTRIBUTED_SEARCH = 3;
const EMBEDDED = 0x5d;
const SEARCH_KIND = 0x31;

function judge(talk: Talk): Judgement {
  const first = judgeOpening(talk, INITIATOR);
  if (first !== "no" && first !== "more") return first;
  const second = judgeDistributed(talk, RESPONDER);
  if (second) return "slsk.distributed";
  if (judgeDistributed(talk, INITIATOR)) return "slsk.distributed";
  const packetsMax = talk.headBytes(INITIATOR) === 0 ? SILENT_PACKETS_MAX : PACKETS_MAX;
  return first === "more" && talk.packets < packetsMax ? "more" : "no";
}

function judgeOpening(talk: Talk, side: Side): Judgement {
  const count = talk.headBytes(side);
  if (count < 5) return count === 0 || talk.streamBytes(side) < 5 ? "more" : "no";
  const lengthBytes = headLittle32(talk, side, 0);
  if (lengthBytes >= 24 && lengthBytes <= LOGIN_BYTES_MAX) {
    const login = judgeLogin(talk, side, lengthBytes);
    if (login !== "no") return login;
  }
  if (lengthBytes >= INIT_BYTES_MIN - 4 && lengthBytes <= NAME_BYTES_MAX + 14 && talk.head(side, 4) === 1) {
    if (count < 4 + lengthBytes) return "more";
    if (isInit(talk, side, lengthBytes)) return "slsk.peer_init";
  }
  if (lengthBytes === PIERCE_LENGTH && talk.head(side, 4) === 0) return judgePierce(talk, side);
  return "no";
}

// `len, 1, user, password, version, md5 hex, minor`. The digest is of name and password together, 32 hex characters.
function judgeLogin(talk: Talk, side: Side, lengthBytes: number): Judgement {
  const count = talk.headBytes(side);
  if (count < 8) return "more";
  if (headLittle32(talk, side, 4) !== LOGIN_CODE) return "no";
  if (count < 4 + lengthBytes) return talk.broken(side) ? "no" : "more";
  const nameBytes = headLittle32(talk, side, 8);
  if (nameBytes === 0 || nameBytes > NAME_BYTES_MAX) return "no";
  const passwordAt = 12 + nameBytes;
  const passwordBytes = headLittle32(talk, side, passwordAt);
  if (passwordBytes > lengthBytes) return "no";
  const versionAt = passwordAt + 4 + passwordBytes;
  const digestAt = versionAt + 4;
  // Clients before the digest end with their version.
  if (digestAt === 4 + lengthBytes) return isVersion(headLittle32(talk, side, versionAt)) ? "slsk.login" : "no";
  if (headLittle32(talk, side, digestAt) !== DIGEST_TEXT_BYTES) return "no";
  for (let i = 0; i < DIGEST_TEXT_BYTES; i += 1) if (!isHex(talk.head(side, digestAt + 4 + i))) return "no";
  const endAt = digestAt + 4 + DIGEST_TEXT_BYTES;
  return endAt === 4 + lengthBytes || endAt + 4 === 4 + lengthBytes ? "slsk.login" : "no";
}

function isVersion(version: number): boolean {
  return version >= VERSION_MIN && version <= VERSION_MAX;
}

// `len, 01, name, "P" | "F" | "D" as a string, token`.
function isInit(talk: Talk, side: Side, lengthBytes: number): boolean {
  const nameBytes = headLittle32(talk, side, 5);
  if (nameBytes === 0 || nameBytes > NAME_BYTES_MAX || lengthBytes !== nameBytes + 14) return false;
  for (let i = 0; i < nameBytes; i += 1) if (talk.head(side, 9 + i) < 0x20) return false;
  const kindAt = 9 + nameBytes;
  return headLittle32(talk, side, kindAt) === 1 && isKind(talk.head(side, kindAt + 4));
}

function isKind(byte: number): boolean {
  return byte === 0x50 || byte === 0x46 || byte === 0x44;
}

// Nine bytes `05000000 00 token`. A peer message, a distributed level or file bytes follow; alone they weigh less.
function judgePierce(talk: Talk, side: Side): Judgement {
  const count = talk.headBytes(side);
  if (count < PIERCE_BYTES) return "more";
  if (headLittle32(talk, side, 5) === 0) return "no";
  if (talk.streamBytes(side) === PIERCE_BYTES + TRANSFER_TOKEN_BYTES) return "slsk.pierce";
  if (count > PIERCE_BYTES) return followsPierce(talk, side, PIERCE_BYTES) ? "slsk.pierce" : "no";
  const other = (1 - side) as Side;
  if (talk.headBytes(other) >= 8) return followsPierce(talk, other, 0) ? "slsk.pierce" : "no";
  return talk.opened && talk.streamBytes(other) === 0 ? "slsk.pierce_alone" : "no";
}

function followsPierce(talk: Talk, side: Side, at: number): boolean {
  const lengthBytes = headLittle32(talk, side, at);
  if (lengthBytes < 1 || lengthBytes > MESSAGE_BYTES_MAX) return lengthBytes === 0;
  const hasPeerCode = headLittle32(talk, side, at + 4) <= PEER_CODES_MAX;
  return hasPeerCode || talk.head(side, at + 4) <= EMBEDDED;
}

// One-byte codes: `len, 3, 0x31, user, token, query`; older roots wrap it in code 0x5d, once with a 4-byte code.
function judgeDistributed(talk: Talk, side: Side): boolean {
  let at = 0;
  let searches = 0;
  for (let messages = 0; messages < 16; messages += 1) {
    if (talk.headBytes(side) < at + 22) break;
    const lengthBytes = headLittle32(talk, side, at);
    if (lengthBytes < 2 || lengthBytes > LOGIN_BYTES_MAX) return false;
    if (isSearch(talk, side, at, lengthBytes)) searches += 1;
    else if (lengthBytes !== 5 || talk.head(side, at + 4) !== 4) return searches >= 2;
    at += 4 + lengthBytes;
  }
  return searches >= 2;
}

function isSearch(talk: Talk, side: Side, at: number, lengthBytes: number): boolean {
  let from = at + 4;
  if (talk.head(side, from) === EMBEDDED) from += headLittle32(talk, side, from) === EMBEDDED ? 4 : 1;
  if (talk.head(side, from) !== DISTRIBUTED_SEARCH || headLittle32(talk, side, from + 1) !== SEARCH_KIND) return false;
  const nameBytes = headLittle32(talk, side, from + 5);
  return nameBytes > 0 && nameBytes <= NAME_BYTES_MAX && from + 9 + nameBytes < at + 4 + lengthBytes;
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);
}

export const soulseek: Recogniser = { name: "soulseek", judge };
