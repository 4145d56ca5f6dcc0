// What the gate reads: captures of both formats, frames of every link type, and what the two sides of a flow say. Whatever
// comes, its memory stays bounded.

import { Classifier } from "../../../src/gate/classify/classifier.ts";
import { whyCode } from "../../../src/gate/why.ts";
import { Decoder } from "../../../src/wire/packet/decoder.ts";
import { LINK } from "../../../src/wire/pcap/link.ts";
import { CaptureReader } from "../../../src/wire/pcap/reader.ts";
import { ENDS, type Said, tcpFrames, udpFrames } from "../../gate/conversation.ts";
import { bytesOf, capture, ethernet, half, ipv4, ipv6, joined, udp } from "../../gate/frames.ts";
import type { FuzzTarget } from "../target.ts";

const LINK_TYPES = Object.values(LINK);
const BYTES_MAX = 64 << 20;
/** Small, for one is made for each input. */
const BUFFER_BYTES = 1 << 16;
const QUERY = bytesOf("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe");
const HANDSHAKE = joined(bytesOf("\u{13}BitTorrent protocol"), new Uint8Array(48));
const DATAGRAM = udp(ENDS, QUERY);

class Gate {
  readonly #classifier = new Classifier({ flowsMax: 256, talksMax: 64 });
  readonly decoder = new Decoder(this.#classifier);

  /** What became of it, in a few words. */
  outcome(): string {
    if (this.#classifier.bytesAllocated > BYTES_MAX)
      throw new Error(`${this.#classifier.bytesAllocated} bytes are held`);
    const { table } = this.#classifier;
    const codes = new Set<string>();
    table.forEach((slot) =>
      codes.add(`${table.protocol(slot)} ${whyCode(table.verdict(slot))} ${table.outer(slot)?.kind}`),
    );
    return `${this.decoder.undecodedPackets > 0} ${[...codes].sort().join(", ")}`;
  }
}

export const GATE_CAPTURE: FuzzTarget = {
  name: "gate-capture",
  seeds: () => [
    capture(LINK.ethernet, tcpFrames([{ by: 0, bytes: HANDSHAKE }])),
    capture(LINK.raw, [ipv4(ENDS, 17, DATAGRAM), ipv6(17, DATAGRAM)]),
    nextGeneration([ethernet(0x0800, ipv4(ENDS, 17, DATAGRAM))]),
  ],
  run(input) {
    const gate = new Gate();
    const result = new CaptureReader(gate.decoder, BUFFER_BYTES).push(input);
    return `${result.ok ? "read" : result.error.code} ${gate.outcome()}`;
  },
};

/** A byte for the link type, then frames, each behind two bytes of length. */
export const GATE_FRAMES: FuzzTarget = {
  name: "gate-frames",
  seeds: () =>
    [
      ipv4(ENDS, 4, ipv4(ENDS, 17, DATAGRAM)),
      ipv4(ENDS, 47, joined(half(0), half(0x0800), ipv4(ENDS, 17, DATAGRAM))),
      ipv6(44, joined(Uint8Array.of(17, 0, 0, 1), half(1), half(2), DATAGRAM)),
    ].map((packet) => joined(Uint8Array.of(LINK_TYPES.indexOf(LINK.raw)), half(packet.length), packet)),
  run(input) {
    const gate = new Gate();
    const linkType = LINK_TYPES[(input[0] ?? 0) % LINK_TYPES.length] ?? LINK.raw;
    for (const frame of pieces(input, 1)) gate.decoder.packet(frame, 0, frame.length, frame.length, linkType, 0);
    return gate.outcome();
  },
};

/** A byte that says TCP or UDP, then what is said, each behind two bytes of length; its own last bit names the side. */
export const GATE_TALK: FuzzTarget = {
  name: "gate-talk",
  seeds: () =>
    [
      HANDSHAKE,
      QUERY,
      bytesOf("$Lock EXTENDEDPROTOCOL|"),
      bytesOf("GNUTELLA CONNECT/0.6\r\n"),
      bytesOf("GET /x HTTP/1.1\r\n"),
    ].flatMap((bytes) => [0, 1].map((kind) => joined(Uint8Array.of(kind), half(bytes.length), bytes))),
  run(input) {
    const gate = new Gate();
    const said = pieces(input, 1).map((bytes): Said => ({ by: ((bytes[0] ?? 0) & 1) as 0 | 1, bytes }));
    const frames = (input[0] ?? 0) % 2 === 0 ? tcpFrames(said) : udpFrames(said);
    for (const frame of frames) gate.decoder.packet(frame, 0, frame.length, frame.length, LINK.ethernet, 0);
    return gate.outcome();
  },
};

function pieces(input: Uint8Array, from: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = from; at + 2 <= input.length; ) {
    const end = at + 2 + (((input[at] ?? 0) << 8) | (input[at + 1] ?? 0));
    found.push(input.subarray(at + 2, end));
    at = end;
  }
  return found;
}

// pcapng: a section header, an interface, a packet in an enhanced block each.
function nextGeneration(frames: readonly Uint8Array[]): Uint8Array {
  const word = (value: number): Uint8Array => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
  const block = (kind: number, body: Uint8Array): Uint8Array => {
    const padded = joined(body, new Uint8Array(-body.length & 3));
    return joined(word(kind), word(padded.length + 12), padded, word(padded.length + 12));
  };
  const section = block(0x0a0d0d0a, joined(word(0x1a2b3c4d), word(1), word(-1), word(-1)));
  const enhanced = frames.map((frame) =>
    block(6, joined(word(0), word(0), word(0), word(frame.length), word(frame.length), frame)),
  );
  return joined(section, block(1, joined(word(LINK.ethernet), word(0))), ...enhanced);
}
