// Direct Connect: NMDC's text commands, where a hub or a called client speaks first, and ADC's feature announcements;
// search results come as datagrams.

import { INITIATOR, RESPONDER, type Side, type Talk } from "../flow/talk.ts";
import type { Judgement, Recogniser } from "./recogniser.ts";
import { byteAt, chunkMatches, headMatches, pattern } from "./text.ts";

/** Also compiled into kernel rules: see signatures.ts. */
export const NMDC_LOCK = pattern("$Lock ");
export const NMDC_NICK = pattern("$MyNick ");
const PARTIAL_RESULT = pattern("$PSR ");
const NMDC_RESULTS = [pattern("$SR "), PARTIAL_RESULT];
export const ADC_SUPPORT = ["HSUP AD", "ISUP AD", "CSUP AD"].map(pattern);
const NMDC_SUPPORTS = pattern("$Supports ");
const NMDC_KEY = pattern("$Key ");
/** `U`, three letters of a command, a space. */
const ADC_COMMAND_BYTES = 5;
const PACKETS_MAX = 16;
const CLIENT_ID_CHARACTERS = 39;
const PIPE = 0x7c;
const SPACE = 0x20;

function judgeStream(talk: Talk): Judgement {
  const first = judgeSide(talk, INITIATOR);
  if (first !== "no" && first !== "more") return first;
  const second = judgeSide(talk, RESPONDER);
  if (second !== "no" && second !== "more") return second;
  return (first === "more" || second === "more") && talk.packets < PACKETS_MAX ? "more" : "no";
}

function judgeSide(talk: Talk, side: Side): Judgement {
  const kinds = ADC_SUPPORT.map((support) => headMatches(talk, side, support));
  if (kinds.includes("yes")) return "dc.adc";
  const commands = [NMDC_LOCK, NMDC_NICK].map((command) => headMatches(talk, side, command));
  if (commands.includes("yes")) return isWholeCommand(talk, side);
  // A client that answers a hub whose lock was not captured.
  const answers = [NMDC_SUPPORTS, NMDC_KEY].map((command) => headMatches(talk, side, command));
  if (answers.includes("yes")) return isWholeCommand(talk, side);
  return [...kinds, ...commands, ...answers].includes("part") ? "more" : "no";
}

// A command ends with a pipe; what lies before it is text.
function isWholeCommand(talk: Talk, side: Side): Judgement {
  const count = talk.headBytes(side);
  for (let at = 5; at < count; at += 1) {
    const byte = talk.head(side, at);
    if (byte === PIPE) return "dc.nmdc";
    if (byte === 0 || byte === 0x0a || byte === 0x0d) return "no";
  }
  return "more";
}

function judgeDatagram(talk: Talk): Judgement {
  if (NMDC_RESULTS.some((result) => chunkMatches(talk, result))) return isResult(talk) ? "dc.nmdc_result" : "no";
  return isAdcDatagram(talk) ? "dc.adc_udp" : "no";
}

// `URES`, and what newer clients tell each other of partial files: a command, then the sender's id in 39 characters.
function isAdcDatagram(talk: Talk): boolean {
  const idEnd = ADC_COMMAND_BYTES + CLIENT_ID_CHARACTERS;
  if (talk.chunkBytes <= idEnd || byteAt(talk, 0) !== 0x55) return false;
  for (let at = 1; at < ADC_COMMAND_BYTES - 1; at += 1) if (!isCapital(byteAt(talk, at))) return false;
  if (byteAt(talk, ADC_COMMAND_BYTES - 1) !== SPACE || byteAt(talk, idEnd) !== SPACE) return false;
  for (let at = ADC_COMMAND_BYTES; at < idEnd; at += 1) if (!isBase32(byteAt(talk, at))) return false;
  return true;
}

// `$SR nick path 0x05 … (hub)|`: the last byte is the pipe, and a 0x05 or a slot count stands between.
function isResult(talk: Talk): boolean {
  const count = talk.chunkBytes;
  if (count < 12 || byteAt(talk, count - 1) !== PIPE) return false;
  for (let at = 4; at < count; at += 1) if (byteAt(talk, at) === 5) return true;
  return chunkMatches(talk, PARTIAL_RESULT);
}

function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isBase32(byte: number): boolean {
  return isCapital(byte) || (byte >= 0x32 && byte <= 0x37);
}

export const directconnect: Recogniser = { name: "direct connect", judge: judgeStream };
export const directconnectUdp: Recogniser = { name: "direct connect udp", judge: judgeDatagram };
