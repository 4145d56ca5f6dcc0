// A conversation between two hosts as a test writes it down: who says what, in which segments; and what the gate makes of
// it.

import { Classifier } from "../../src/gate/classify/classifier.ts";
import { type FlowLine, flowLine } from "../../src/gate/flow-line.ts";
import { Decoder } from "../../src/wire/packet/decoder.ts";
import { LINK } from "../../src/wire/pcap/link.ts";
import { CaptureReader } from "../../src/wire/pcap/reader.ts";
import { capture, type Ends, ethernet, ipv4, TCP, tcp, udp } from "./frames.ts";

export const ENDS: Ends = { source: ["10.0.0.1", 40_000], destination: ["198.51.100.7", 443] };
const BACK: Ends = { source: ENDS.destination, destination: ENDS.source };
const ETHER_IPV4 = 0x0800;
const FIRST_SEQUENCE = [1000, 5000] as const;

export type Said = { readonly by: 0 | 1; readonly bytes: Uint8Array };

/** Frames of a TCP connection from its handshake on; each thing said is one segment. */
export function tcpFrames(said: readonly Said[], { opened = true }: { readonly opened?: boolean } = {}): Uint8Array[] {
  const next: [number, number] = [FIRST_SEQUENCE[0] + 1, FIRST_SEQUENCE[1] + 1];
  const nothing = new Uint8Array(0);
  const frames = opened
    ? [segment(0, FIRST_SEQUENCE[0], TCP.syn, nothing), segment(1, FIRST_SEQUENCE[1], TCP.synAck, nothing)]
    : [];
  for (const { by, bytes } of said) {
    frames.push(segment(by, next[by], TCP.push, bytes));
    next[by] += bytes.length;
  }
  return frames;
}

export function segment(by: 0 | 1, sequence: number, flags: number, bytes: Uint8Array): Uint8Array {
  const ends = by === 0 ? ENDS : BACK;
  return ethernet(ETHER_IPV4, ipv4(ends, 6, tcp(ends, sequence, flags, bytes)));
}

export function udpFrames(said: readonly Said[]): Uint8Array[] {
  return said.map(({ by, bytes }) => {
    const ends = by === 0 ? ENDS : BACK;
    return ethernet(ETHER_IPV4, ipv4(ends, 17, udp(ends, bytes)));
  });
}

export function linesOf(frames: readonly Uint8Array[], linkType: number = LINK.ethernet, flowsMax = 1024): FlowLine[] {
  const lines: FlowLine[] = [];
  const classifier: Classifier = new Classifier({
    flowsMax,
    talksMax: 256,
    onEvicted: (slot) => lines.push(flowLine(classifier.table, slot)),
  });
  const result = new CaptureReader(new Decoder(classifier)).push(capture(linkType, frames));
  if (!result.ok) throw new Error(result.error.code);
  classifier.table.forEach((slot) => lines.push(flowLine(classifier.table, slot)));
  return lines;
}

export function codesOf(frames: readonly Uint8Array[], linkType: number = LINK.ethernet): string[] {
  return linesOf(frames, linkType).map((line) => line.why.code);
}
