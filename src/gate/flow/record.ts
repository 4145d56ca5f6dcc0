// What the gate keeps of each flow: a row of integers, so that a million flows are one array and no object.

/** Words of one flow's record. An endpoint is "low" or "high" by the order of addresses and ports. */
export const WORD = {
  hash: 0,
  next: 1,
  low: 2,
  high: 6,
  ports: 10,
  kind: 11,
  packets: 12,
  bytesLow: 13,
  bytesHigh: 14,
  verdict: 15,
  decidedAt: 16,
  talk: 17,
  seenMs: 18,
  payloadPackets: 19,
  sequence: 20,
} as const;
export const RECORD_WORDS = 22;
export const LOW_STARTED = 1 << 16;
const OPENED = 1 << 17;
const GROWN = 1 << 19;
const TWO_TO_32 = 0x1_0000_0000;

/** The row's number; it may be given to another flow once this one is removed or evicted. */
export type FlowSlot = number;

export class FlowRecords {
  protected records: Int32Array = new Int32Array(0);

  verdict(slot: FlowSlot): number {
    return this.records[slot * RECORD_WORDS + WORD.verdict] as number;
  }

  decide(slot: FlowSlot, verdict: number, atPacket: number): void {
    this.records[slot * RECORD_WORDS + WORD.verdict] = verdict;
    this.records[slot * RECORD_WORDS + WORD.decidedAt] = atPacket;
  }

  /** What the undecided flow has said so far, as a number of the talk pool; negative when nothing is kept. */
  talk(slot: FlowSlot): number {
    return this.records[slot * RECORD_WORDS + WORD.talk] as number;
  }

  setTalk(slot: FlowSlot, talk: number): void {
    this.records[slot * RECORD_WORDS + WORD.talk] = talk;
  }

  decidedAt(slot: FlowSlot): number {
    return this.records[slot * RECORD_WORDS + WORD.decidedAt] as number;
  }

  payloadPackets(slot: FlowSlot): number {
    return this.records[slot * RECORD_WORDS + WORD.payloadPackets] as number;
  }

  countPayload(slot: FlowSlot): number {
    const at = slot * RECORD_WORDS + WORD.payloadPackets;
    const count = (this.records[at] as number) + 1;
    this.records[at] = count;
    return count;
  }

  seenMs(slot: FlowSlot): number {
    return this.records[slot * RECORD_WORDS + WORD.seenMs] as number;
  }

  packets(slot: FlowSlot): number {
    return this.records[slot * RECORD_WORDS + WORD.packets] as number;
  }

  bytes(slot: FlowSlot): number {
    const at = slot * RECORD_WORDS;
    return (
      ((this.records[at + WORD.bytesLow] as number) >>> 0) + (this.records[at + WORD.bytesHigh] as number) * TWO_TO_32
    );
  }

  protocol(slot: FlowSlot): number {
    return (this.records[slot * RECORD_WORDS + WORD.kind] as number) & 0xff;
  }

  version(slot: FlowSlot): number {
    return ((this.records[slot * RECORD_WORDS + WORD.kind] as number) >>> 8) & 0xff;
  }

  lowStarted(slot: FlowSlot): boolean {
    return ((this.records[slot * RECORD_WORDS + WORD.kind] as number) & LOW_STARTED) !== 0;
  }

  /** Turns the flow round: the first packet that was seen came from the one that accepted (a SYN-ACK). */
  turn(slot: FlowSlot): void {
    const at = slot * RECORD_WORDS + WORD.kind;
    this.records[at] = (this.records[at] as number) ^ LOW_STARTED;
  }

  /** A SYN was seen: this side's stream begins at `sequence`. */
  open(slot: FlowSlot, side: 0 | 1, sequence: number): void {
    const at = slot * RECORD_WORDS;
    this.records[at + WORD.sequence + side] = sequence;
    this.records[at + WORD.kind] = (this.records[at + WORD.kind] as number) | (OPENED << side);
  }

  isOpened(slot: FlowSlot, side: 0 | 1): boolean {
    return ((this.records[slot * RECORD_WORDS + WORD.kind] as number) & (OPENED << side)) !== 0;
  }

  /** Where an opened side's stream begins. */
  next(slot: FlowSlot, side: 0 | 1): number {
    return this.records[slot * RECORD_WORDS + WORD.sequence + side] as number;
  }

  /** True the first time only. */
  markGrown(slot: FlowSlot): boolean {
    const at = slot * RECORD_WORDS + WORD.kind;
    const kind = this.records[at] as number;
    this.records[at] = kind | GROWN;
    return (kind & GROWN) === 0;
  }

  /** The same addresses and ports begin a new connection: it is judged anew. */
  reopen(slot: FlowSlot): void {
    const at = slot * RECORD_WORDS;
    this.records[at + WORD.verdict] = 0;
    this.records[at + WORD.decidedAt] = 0;
    this.records[at + WORD.payloadPackets] = 0;
    this.records[at + WORD.kind] = (this.records[at + WORD.kind] as number) & ~(OPENED | (OPENED << 1) | GROWN);
  }

  /** Four words of the initiator's or the responder's address. */
  address(slot: FlowSlot, ofInitiator: boolean): Int32Array {
    const begin = slot * RECORD_WORDS + (this.lowStarted(slot) === ofInitiator ? WORD.low : WORD.high);
    return this.records.slice(begin, begin + 4);
  }

  port(slot: FlowSlot, ofInitiator: boolean): number {
    const ports = this.records[slot * RECORD_WORDS + WORD.ports] as number;
    return this.lowStarted(slot) === ofInitiator ? ports >>> 16 : ports & 0xffff;
  }
}
