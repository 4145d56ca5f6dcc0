// Message Stream Encryption, by structure and behaviour: each side first sends a 96-byte Diffie-Hellman value and at most
// 512 bytes of padding, then waits; the initiator's third flight is 56 bytes, padding, and its handshake. Everything is
// random, nothing is framed. (Vuze's specification, "Message Stream Encryption".)

import { INITIATOR, RESPONDER, type Side, type Talk } from "../flow/talk.ts";
import { areFramedAlike, type Flight, isFramed } from "./framing.ts";
import { areHeaded } from "./headers.ts";
import { looksRandom } from "./randomness.ts";
import { type Judgement, MEMORY, type Recogniser } from "./recogniser.ts";
import { isTelegram } from "./telegram.ts";
import { big32 } from "./text.ts";

const KEY_BYTES = 96;
const PAD_BYTES_MAX = 512;
const GREETING_BYTES_MAX = KEY_BYTES + PAD_BYTES_MAX;
const NEGOTIATION_BYTES_MIN = 56;
const HANDSHAKE_BYTES = 68;
const NEGOTIATION_BYTES_MAX = NEGOTIATION_BYTES_MIN + PAD_BYTES_MAX + HANDSHAKE_BYTES;
// With the handshake in it; without, 56 bytes and padding, known when the responder goes on.
const NEGOTIATION_BYTES_KNOWN = NEGOTIATION_BYTES_MIN + HANDSHAKE_BYTES;
// 99 + 24 + 1 and 111 + 12 + 1 occur: what libtransmission writes first is enough to know the flight.
const NEGOTIATION_BYTES_WRITTEN_FIRST = new Set([99, 111]);
const PACKETS_MAX = 12;
const ED2K_OPENING_BYTES_MAX = 12 + 254;
const ED2K_ANSWER_BYTES_MAX = 6 + 254;
const HELLO_BYTES_MIN = 70;
const HELLO_BYTES_MAX = 180;
const HELLO_DIFFERENCE_BYTES_MAX = 48;
/** By then two eMules have identified themselves to each other, with messages that are all short. */
const SETTLED_PACKETS = PACKETS_MAX;
const SHORT_BYTES_MAX = 320;

const FLIGHT = MEMORY.mse;
const GREETING = MEMORY.mse + 1;
const ANSWER = MEMORY.mse + 2;
const NEGOTIATION = MEMORY.mse + 3;
const NEGOTIATION_BEGIN = MEMORY.mse + 4;
const BEGIN_BYTES = 4;
const SAMPLE_BYTES_MIN = 24;

// Flights: 0 greeting, 1 answer, 2 negotiation, 3 what the responder says next.
function judge(talk: Talk): Judgement {
  if (!talk.opened || talk.packets > PACKETS_MAX) return "no";
  const before = talk.memory(FLIGHT);
  const flight = flightOf(talk);
  const bytes = talk.chunkBytes;
  if (flight === 0) return greeting(talk, GREETING, bytes, INITIATOR);
  if (flight === 1) return greeting(talk, ANSWER, bytes, RESPONDER);
  if (flight === 2) return negotiation(talk, bytes);
  if (talk.memory(NEGOTIATION) < NEGOTIATION_BYTES_MIN) return "no";
  if (!mayBeEd2k(talk)) return verdict(talk);
  const isAnswer = before === 2;
  const isLikeHello = Math.abs(bytes - talk.memory(NEGOTIATION)) <= HELLO_DIFFERENCE_BYTES_MAX;
  if (isAnswer && !isLikeHello) return verdict(talk);
  if (talk.packets < SETTLED_PACKETS && bytes <= SHORT_BYTES_MAX) return "more";
  // Two eMules that identified each other before ask for nothing, and nothing tells them from MSE.
  const judgement = verdict(talk);
  return judgement === "bt.mse" ? "bt.mse_or_ed2k" : judgement;
}

function flightOf(talk: Talk): number {
  const before = talk.memory(FLIGHT);
  const belongs = talk.side === INITIATOR ? before % 2 === 0 : before % 2 === 1;
  if (belongs) return before;
  // The responder never speaks first.
  if (talk.packets === 1) return 3;
  talk.setMemory(FLIGHT, before + 1);
  return before + 1;
}

function greeting(talk: Talk, word: number, bytes: number, side: Side): Judgement {
  const total = talk.memory(word) + bytes;
  talk.setMemory(word, total);
  if (total > GREETING_BYTES_MAX || talk.broken(side)) return "no";
  return mayBeRandom(talk, bytes) ? "more" : "no";
}

function negotiation(talk: Talk, bytes: number): Judgement {
  if (talk.memory(GREETING) < KEY_BYTES || talk.memory(ANSWER) < KEY_BYTES) return "no";
  const before = talk.memory(NEGOTIATION);
  const total = before + bytes;
  talk.setMemory(NEGOTIATION, total);
  if (before === 0 && bytes >= BEGIN_BYTES) talk.setMemory(NEGOTIATION_BEGIN, big32(talk, 0));
  if (total > NEGOTIATION_BYTES_MAX || !mayBeRandom(talk, bytes)) return "no";
  if (before === 0 && isFramed({ head: talk.bytes.subarray(talk.begin, talk.end), totalBytes: bytes })) return "no";
  const isKnown = total >= NEGOTIATION_BYTES_KNOWN || NEGOTIATION_BYTES_WRITTEN_FIRST.has(total);
  return isKnown && !mayBeEd2k(talk) ? verdict(talk) : "more";
}

// Two eMules that speak obfuscated may pad their opening and its answer to lengths that MSE has, and go on with a hello of
// a length that a negotiation has. What follows tells: the answer to a hello is about as long as the hello.
function mayBeEd2k(talk: Talk): boolean {
  const hello = talk.memory(NEGOTIATION);
  if (hello < HELLO_BYTES_MIN || hello > HELLO_BYTES_MAX || hello === NEGOTIATION_BYTES_KNOWN) return false;
  return talk.memory(GREETING) <= ED2K_OPENING_BYTES_MAX && talk.memory(ANSWER) <= ED2K_ANSWER_BYTES_MAX;
}

function mayBeRandom(talk: Talk, bytes: number): boolean {
  return bytes < SAMPLE_BYTES_MIN || looksRandom(talk.bytes, talk.begin, talk.end);
}

// The flights as wholes, however they were cut into segments.
function verdict(talk: Talk): Judgement {
  const opening = flightAt(talk, INITIATOR, GREETING);
  const answer = flightAt(talk, RESPONDER, ANSWER);
  for (const flight of [opening, answer]) {
    if (!looksRandom(flight.head, 0, flight.head.length) || isFramed(flight)) return "no";
  }
  if (areFramedAlike(opening, answer) || areHeaded([opening.head, answer.head, negotiationBegin(talk)])) return "no";
  if (isRlpx(talk) || isTelegram(opening)) return "no";
  return isEd2kServer(talk) ? "emule.obfuscated_server" : "bt.mse";
}

function flightAt(talk: Talk, side: Side, word: number): Flight {
  const totalBytes = talk.memory(word);
  return { head: talk.headCopy(side).subarray(0, totalBytes), totalBytes };
}

// The head of the stream holds it behind a short greeting; behind a long one its first segment was noted.
function negotiationBegin(talk: Talk): Uint8Array {
  const beginByte = talk.memory(GREETING);
  const inHead = talk.headCopy(INITIATOR).subarray(beginByte, beginByte + BEGIN_BYTES);
  const word = talk.memory(NEGOTIATION_BEGIN);
  return inHead.length === BEGIN_BYTES || word === 0
    ? inHead
    : Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word);
}

// An eD2k client and its server make the same exchange with other paddings: 96 + 1 + at most 15 bytes, answered by
// 96 + 6 + at most 15. In MSE both lengths fall there once in a thousand.
function isEd2kServer(talk: Talk): boolean {
  const opening = talk.memory(GREETING) - KEY_BYTES;
  const answer = talk.memory(ANSWER) - KEY_BYTES;
  return opening >= 1 && opening <= 16 && answer >= 6 && answer <= 21;
}

// Ethereum's RLPx before EIP-8: each side begins with an uncompressed curve point, marked 04, in a message of fixed
// length. Since EIP-8 a length stands before it, which `isFramed` sees.
const RLPX_GREETING_BYTES = 307;
const RLPX_ANSWER_BYTES = 210;
const CURVE_POINT = 4;
function isRlpx(talk: Talk): boolean {
  const opens = talk.memory(GREETING) === RLPX_GREETING_BYTES && talk.head(INITIATOR, 0) === CURVE_POINT;
  return opens || (talk.memory(ANSWER) === RLPX_ANSWER_BYTES && talk.head(RESPONDER, 0) === CURVE_POINT);
}

export const bittorrentMse: Recogniser = { name: "bittorrent mse", judge };
