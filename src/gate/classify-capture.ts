// Classifies a whole capture from a file or a pipe, in one buffer and one bounded flow table.

import type { Failure } from "../base/failure.ts";
import { ok, type Result } from "../base/result.ts";
import { Decoder } from "../wire/packet/decoder.ts";
import { type CaptureCode, CaptureReader } from "../wire/pcap/reader.ts";
import { Classifier } from "./classify/classifier.ts";
import { type FlowLine, flowLine } from "./flow-line.ts";

const FLOWS_MAX = 1 << 20;
const TALKS_MAX = 1 << 16;

export type CaptureSummary = {
  readonly packets: number;
  readonly undecodedPackets: number;
  readonly flows: number;
  readonly evictedFlows: number;
  /** The flow table and what undecided flows have said, as allocated at the end. */
  readonly bytesAllocated: number;
  /** Bytes of a last packet that was cut off. */
  readonly cutBytes: number;
};

/** Writes up to `room.length` bytes into `room` and returns how many; zero at the end. */
export type ReadInto = (room: Uint8Array) => number | Promise<number>;

export async function classifyCapture(
  read: ReadInto,
  onFlow: (line: FlowLine) => void,
): Promise<Result<CaptureSummary, Failure<CaptureCode>>> {
  const classifier: Classifier = new Classifier({
    flowsMax: FLOWS_MAX,
    talksMax: TALKS_MAX,
    onEvicted: (slot) => onFlow(flowLine(classifier.table, slot)),
  });
  const decoder = new Decoder(classifier);
  const reader = new CaptureReader(decoder);
  for (;;) {
    const pending = read(reader.room());
    const bytes = typeof pending === "number" ? pending : await pending;
    if (bytes === 0) break;
    const result = reader.filled(bytes);
    if (!result.ok) return result;
  }
  classifier.table.forEach((slot) => onFlow(flowLine(classifier.table, slot)));
  return ok({
    packets: decoder.packets,
    undecodedPackets: decoder.undecodedPackets,
    flows: classifier.table.flows,
    evictedFlows: classifier.table.evictedFlows,
    bytesAllocated: classifier.bytesAllocated,
    cutBytes: reader.cutBytes(),
  });
}
