// Message Stream Encryption, by structure and behaviour: each side first sends a 96-byte Diffie-Hellman value and at most
// 512 bytes of padding, then waits; the initiator's third flight is 56 bytes, padding, and its handshake. Everything is
// random, nothing is framed. (Vuze's specification, "Message Stream Encryption".)

import { INITIATOR, RESPONDER, type Side, type Talk } from "../flow/talk.ts";
import { framingOf } from "./framing.ts";
import { looksRandom } from "./randomness.ts";
import { type Judgement, MEMORY, type Recogniser } from "./recogniser.ts";
import { isTelegram } from "./telegram.ts";

const KEY_BYTES = 96;
const PAD_BYTES_MAX = 512;
const GREETING_BYTES_MAX = KEY_BYTES + PAD_BYTES_MAX;
const NEGOTIATION_BYTES_MIN = 56;
const HANDSHAKE_BYTES = 68;
const NEGOTIATION_BYTES_MAX = NEGOTIATION_BYTES_MIN + PAD_BYTES_MAX + HANDSHAKE_BYTES;
// 99 + 24 + 1 and 111 + 12 + 1 occur: so much of the usual 124 bytes is enough to know the flight.
const NEGOTIATION_BYTES_KNOWN = 96;
const PACKETS_MAX = 12;

const FLIGHT = MEMORY.mse;
const GREETING = MEMORY.mse + 1;
const ANSWER = MEMORY.mse + 2;
const NEGOTIATION = MEMORY.mse + 3;
const FRAMED = MEMORY.mseFraming;
const BOTH_SIDES = 3;

// Flights: 0 greeting, 1 answer, 2 negotiation, 3 what the responder says next.
function judge(talk: Talk): Judgement {
  if (!talk.opened || talk.packets > PACKETS_MAX) return "no";
  const flight = flightOf(talk);
  const bytes = talk.chunkBytes;
  if (flight === 0) return greeting(talk, GREETING, bytes, INITIATOR);
  if (flight === 1) return greeting(talk, ANSWER, bytes, RESPONDER);
  if (flight === 2) return negotiation(talk, bytes);
  return talk.memory(NEGOTIATION) >= NEGOTIATION_BYTES_MIN ? verdict(talk) : "no";
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
  if (bytes >= 24 && !looksRandom(talk.bytes, talk.begin, talk.end)) return "no";
  const framing = framingOf(talk.bytes, talk.begin, talk.end);
  if (framing === "sure") return "no";
  if (framing === "maybe") talk.setMemory(FRAMED, talk.memory(FRAMED) | (1 << side));
  // A framed protocol frames both its sides.
  return talk.memory(FRAMED) === BOTH_SIDES ? "no" : "more";
}

function negotiation(talk: Talk, bytes: number): Judgement {
  if (talk.memory(GREETING) < KEY_BYTES || talk.memory(ANSWER) < KEY_BYTES) return "no";
  const total = talk.memory(NEGOTIATION) + bytes;
  talk.setMemory(NEGOTIATION, total);
  if (total > NEGOTIATION_BYTES_MAX) return "no";
  if (bytes >= 24 && !looksRandom(talk.bytes, talk.begin, talk.end)) return "no";
  if (bytes >= 24 && framingOf(talk.bytes, talk.begin, talk.end) === "sure") return "no";
  return total >= NEGOTIATION_BYTES_KNOWN ? verdict(talk) : "more";
}

// The heads once more as wholes: a frame may have been cut into segments.
function verdict(talk: Talk): Judgement {
  for (const side of [INITIATOR, RESPONDER] as const) {
    const head = talk.headCopy(side);
    const bytes = Math.min(head.length, talk.memory(side === INITIATOR ? GREETING : ANSWER));
    if (!looksRandom(head, 0, bytes) || framedStart(head, bytes)) return "no";
  }
  if (isRlpx(talk) || isTelegram(talk.headCopy(INITIATOR))) return "no";
  return isEd2kServer(talk) ? "emule.obfuscated_server" : "bt.mse";
}

// An eD2k client and its server make the same exchange with other paddings: 96 + 1 + at most 15 bytes, answered by
// 96 + 6 + at most 15. In MSE both lengths fall there once in a thousand.
function isEd2kServer(talk: Talk): boolean {
  const opening = talk.memory(GREETING) - KEY_BYTES;
  const answer = talk.memory(ANSWER) - KEY_BYTES;
  return opening >= 1 && opening <= 16 && answer >= 6 && answer <= 21;
}

// Ethereum's RLPx before EIP-8: each side begins with an uncompressed curve point, marked 04, in a message of fixed
// length. Since EIP-8 a length stands before it, which `framingOf` sees.
const RLPX_GREETING_BYTES = 307;
const RLPX_ANSWER_BYTES = 210;
const CURVE_POINT = 4;
function isRlpx(talk: Talk): boolean {
  const opens = talk.memory(GREETING) === RLPX_GREETING_BYTES && talk.head(INITIATOR, 0) === CURVE_POINT;
  return opens || (talk.memory(ANSWER) === RLPX_ANSWER_BYTES && talk.head(RESPONDER, 0) === CURVE_POINT);
}

function framedStart(head: Uint8Array, bytes: number): boolean {
  return bytes < head.length && framingOf(head, 0, bytes) === "sure";
}

export const bittorrentMse: Recogniser = { name: "bittorrent mse", judge };
