// uTP (BEP 29). Many ordinary datagrams parse as one uTP header, so a header proves nothing: an exact opening does, or
// headers that agree with each other in identifiers, sequence numbers and time.

import { decodeUtpPacket, type UtpPacket } from "../../wire/utp/packet.ts";
import { sequenceDistance } from "../../wire/utp/sequence.ts";
import type { Side, Talk } from "../flow/talk.ts";
import { beginsHandshake } from "./bittorrent-handshake.ts";
import { type Judgement, MEMORY, type Recogniser } from "./recogniser.ts";

const PACKETS_MAX = 12;
const SEQUENCE_SLACK = 512;
const WINDOW_BYTES_MAX = 1 << 26;
const OPENING_BYTES = 20;
const OPENING_WITH_BITS_BYTES = 30;
const STRAYS_MAX = 4;
const ONE_WAY_PACKETS = 4;
/** What capture and network add to a step of the sender's clock: so much, or this share of the step. */
const CLOCK_SLACK_MS = 15;
const CLOCK_SLACK_SHARE = 0.25;
/** An answer follows what it measured at once, or when its sender next has something to say; packets cross. */
const HELD_US_MAX = 10e6;
const CROSSED_US_MAX = 5e6;
const PAIRS_NEEDED = 2;

// Words of memory: per side the last connection id + 1, sequence and acknowledged, and clock; then counts.
const SIDE_WORDS = 3;
const ID = 0;
const NUMBERS = 1;
const CLOCK = 2;
const PAIRS = MEMORY.utp + 6;
const STRAYS = MEMORY.utp + 7;
const STEPS = MEMORY.utp + 8;
const SEEN_MS = MEMORY.utp + 9;

function judge(talk: Talk): Judgement {
  const packet = plausible(talk);
  if (packet === undefined) {
    const strays = talk.memory(STRAYS) + 1;
    talk.setMemory(STRAYS, strays);
    return strays > STRAYS_MAX || talk.packets > PACKETS_MAX ? "no" : "more";
  }
  if (isOpening(talk, packet)) return "bt.utp_open";
  const { payload } = packet;
  if (packet.type === "data" && beginsHandshake(payload, 0, payload.length)) return "bt.utp_handshake";
  const found = compare(talk, packet);
  remember(talk, packet);
  if (found !== "more") return found;
  return talk.packets > PACKETS_MAX ? "no" : "more";
}

function plausible(talk: Talk): UtpPacket | undefined {
  const first = talk.bytes[talk.begin] as number;
  if ((first & 15) !== 1 || first > 0x41 || talk.chunkBytes < OPENING_BYTES) return undefined;
  const packet = decodeUtpPacket(talk.bytes.subarray(talk.begin, talk.end));
  if (packet === undefined || packet.windowBytes > WINDOW_BYTES_MAX || packet.sentUs === 0) return undefined;
  const carries = packet.payload.length > 0;
  if (packet.type === "data" ? !carries : carries) return undefined;
  return packet;
}

// A SYN answers nobody: no delay measured, nothing acknowledged; libtorrent sends the bare header, libutp adds eight
// zero bytes of extension bits. With fewer fixed bits than that it is no evidence.
function isOpening(talk: Talk, packet: UtpPacket): boolean {
  if (packet.type !== "syn" || packet.delayUs !== 0 || packet.acknowledged !== 0) return false;
  if (packet.connectionId === 0 || packet.sequence === 0 || packet.sentUs < 0x1_0000) return false;
  const b = talk.bytes;
  const at = talk.begin;
  if (talk.chunkBytes === OPENING_BYTES) return b[at + 1] === 0;
  if (talk.chunkBytes !== OPENING_WITH_BITS_BYTES || b[at + 1] !== 2 || b[at + 20] !== 0 || b[at + 21] !== 8)
    return false;
  for (let i = 22; i < OPENING_WITH_BITS_BYTES; i += 1) if (b[at + i] !== 0) return false;
  return true;
}

function compare(talk: Talk, packet: UtpPacket): Judgement {
  const other = (1 - talk.side) as Side;
  if (talk.memory(word(other, ID)) !== 0 && agrees(talk, packet, other)) {
    const pairs = talk.memory(PAIRS) + 1;
    talk.setMemory(PAIRS, pairs);
    if (pairs >= PAIRS_NEEDED) return "bt.utp_both";
  }
  if (continues(talk, packet)) {
    const steps = talk.memory(STEPS) + 1;
    talk.setMemory(STEPS, steps);
    if (steps >= ONE_WAY_PACKETS - 1) return "bt.utp_one_way";
  }
  return "more";
}

// The two directions use neighbouring identifiers, except a SYN and its answer, which share one; each acknowledges what
// the other has just sent.
function agrees(talk: Talk, packet: UtpPacket, other: Side): boolean {
  const id = talk.memory(word(other, ID)) - 1;
  const apart = Math.abs(id - packet.connectionId);
  if (apart > 1 && apart !== 0xffff) return false;
  const numbers = talk.memory(word(other, NUMBERS));
  const sequence = numbers >>> 16;
  const acknowledged = numbers & 0xffff;
  if (packet.acknowledged === 0 || acknowledged === 0) return false;
  if (!measures(packet, talk.memory(word(other, CLOCK)))) return false;
  const forward = sequenceDistance(packet.acknowledged, sequence);
  const backward = sequenceDistance(acknowledged, packet.sequence);
  return forward >= -1 && forward <= SEQUENCE_SLACK && backward >= -1 && backward <= SEQUENCE_SLACK;
}

// The delay that a packet reports is its sender's time of receipt less the time stamped on the other's packet: whatever
// the two clocks show, adding it to that stamp gives a moment shortly before this packet was sent.
function measures(packet: UtpPacket, otherSentUs: number): boolean {
  const heldUs = (packet.sentUs - packet.delayUs - otherSentUs) | 0;
  return heldUs > -CROSSED_US_MAX && heldUs < HELD_US_MAX;
}

// One direction alone: the same identifier, numbers that go on, and a clock that runs as fast as ours.
function continues(talk: Talk, packet: UtpPacket): boolean {
  const side = talk.side;
  if (talk.memory(word(side, ID)) !== packet.connectionId + 1) return false;
  const numbers = talk.memory(word(side, NUMBERS));
  const step = sequenceDistance(numbers >>> 16, packet.sequence);
  const heard = sequenceDistance(numbers & 0xffff, packet.acknowledged);
  if (step < 0 || step > 16 || heard < 0 || heard > SEQUENCE_SLACK) return false;
  const passedUs = (packet.sentUs - talk.memory(word(side, CLOCK))) >>> 0;
  const passedMs = talk.timeMs - talk.memory(SEEN_MS + side);
  const slackMs = Math.max(CLOCK_SLACK_MS, passedMs * CLOCK_SLACK_SHARE);
  return passedUs > 0 && passedUs < 60e6 && Math.abs(passedUs / 1000 - passedMs) < slackMs;
}

function remember(talk: Talk, packet: UtpPacket): void {
  const side = talk.side;
  talk.setMemory(word(side, ID), packet.connectionId + 1);
  talk.setMemory(word(side, NUMBERS), (packet.sequence << 16) | packet.acknowledged);
  talk.setMemory(word(side, CLOCK), packet.sentUs | 0);
  talk.setMemory(SEEN_MS + side, talk.timeMs);
}

function word(side: Side, field: number): number {
  return MEMORY.utp + side * SIDE_WORDS + field;
}

export const bittorrentUtp: Recogniser = { name: "bittorrent utp", judge };
