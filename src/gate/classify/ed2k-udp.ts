// The datagrams between eD2k clients (C5) and with servers (E3): a request and its answer, each of a length that its code
// can have. Codes and layouts from eMule's opcodes.h, ListenSocket and UDPSocket.

import { INITIATOR, type Talk } from "../flow/talk.ts";
import { type Judgement, MEMORY, type Recogniser } from "./recogniser.ts";
import { big32, byteAt, little32 } from "./text.ts";

const PACKETS_MAX = 8;
const ASKED = MEMORY.ed2kUdp;
const CHALLENGE = MEMORY.ed2kUdp + 1;
const HEADER = 2;
const HASH = 16;
const SOURCE = 6;
const STATUS = 0xe396;
const STATUS_ANSWER = 0xe397;
const RANKED = 0xc591;

type Fits = (bodyBytes: number, talk: Talk) => boolean;

const atLeast =
  (least: number): Fits =>
  (bytes) =>
    bytes >= least;
const each =
  (unit: number): Fits =>
  (bytes) =>
    bytes > 0 && bytes % unit === 0;
const among =
  (...sizes: readonly number[]): Fits =>
  (bytes) =>
    sizes.includes(bytes);

const TAGS_MAX = 64;
/** A file's hash, its source, its tags. */
const RESULT: Fits = (bytes, talk) => bytes >= HASH + SOURCE + 4 && little32(talk, HEADER + HASH + SOURCE) <= TAGS_MAX;
/** A file's hash and how many sources there are; more files may follow. */
const SOURCES: Fits = (bytes, talk) => {
  const sources = bytes > HASH ? byteAt(talk, HEADER + HASH) : 0;
  return sources > 0 && bytes >= HASH + 1 + sources * SOURCE;
};

type Request = { readonly fits: Fits; readonly answers: ReadonlyMap<number, Fits> };

function request(fits: Fits, ...answers: readonly (readonly [number, Fits])[]): Request {
  return { fits, answers: new Map(answers) };
}

const REQUESTS: ReadonlyMap<number, Request> = new Map([
  [0xc590, request(atLeast(HASH), [RANKED, atLeast(2)], [0xc592, among(0)], [0xc593, among(0)])],
  [STATUS, request(among(4), [STATUS_ANSWER, atLeast(12)])],
  [0xe398, request(atLeast(4), [0xe399, RESULT])],
  [0xe392, request(atLeast(4), [0xe399, RESULT])],
  [0xe390, request(atLeast(4), [0xe399, RESULT])],
  [0xe39a, request(each(HASH), [0xe39b, SOURCES])],
  [0xe394, request(each(HASH + 4), [0xe39b, SOURCES])],
  [0xe3a2, request(among(0, 4), [0xe3a3, atLeast(4)])],
  [0xe3a0, request(atLeast(0), [0xe3a1, atLeast(1)])],
]);

function judge(talk: Talk): Judgement {
  if (talk.chunkBytes < HEADER) return "no";
  const code = (byteAt(talk, 0) << 8) | byteAt(talk, 1);
  const bodyBytes = talk.chunkBytes - HEADER;
  if (talk.side !== INITIATOR) return answers(talk, code, bodyBytes) ? "emule.udp_pair" : "no";
  if (REQUESTS.get(code)?.fits(bodyBytes, talk) !== true) return "no";
  talk.setMemory(ASKED, code);
  talk.setMemory(CHALLENGE, bodyBytes >= 4 ? big32(talk, HEADER) | 0 : 0);
  return talk.packets < PACKETS_MAX ? "more" : "no";
}

function answers(talk: Talk, code: number, bodyBytes: number): boolean {
  const asked = talk.memory(ASKED);
  if (REQUESTS.get(asked)?.answers.get(code)?.(bodyBytes, talk) !== true) return false;
  // A server's status repeats the challenge of the request.
  if (code === STATUS_ANSWER) return (big32(talk, HEADER) | 0) === talk.memory(CHALLENGE);
  return code !== RANKED || isRank(talk, bodyBytes);
}

// The place in the queue, which newer clients put behind the parts that they have: a number, then a bit for each.
function isRank(talk: Talk, bodyBytes: number): boolean {
  if (bodyBytes === 2) return true;
  const parts = byteAt(talk, HEADER) | (byteAt(talk, HEADER + 1) << 8);
  return bodyBytes === 2 + Math.ceil(parts / 8) + 2;
}

export const ed2kUdp: Recogniser = { name: "ed2k udp", judge };
