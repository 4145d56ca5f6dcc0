// All flows that the gate knows, in one array of integers: a packet of a decided flow costs one look-up and two
// additions. The table is bounded; a full one gives up the flow that has been silent longest in its neighbourhood.

import { assert } from "../../base/assert.ts";
import type { Outer, Segment } from "../../wire/packet/segment.ts";
import { hashOf, isLow } from "./identity.ts";
import { FlowRecords, type FlowSlot, LOW_STARTED, RECORD_WORDS, WORD } from "./record.ts";

const NONE = -1;
const FIRST_CAPACITY = 1024;
const CAPACITY_MAX = 1 << 22;
const EVICTION_LOOKS = 32;

export type FlowTableOptions = {
  /** A power of two. */
  readonly flowsMax: number;
  /** Called before a flow is given up for a new one. */
  readonly onEvicted: (slot: FlowSlot) => void;
};

export class FlowTable extends FlowRecords {
  readonly #flowsMax: number;
  readonly #onEvicted: (slot: FlowSlot) => void;
  #capacity: number;
  #buckets: Int32Array;
  #used = 0;
  #free = NONE;
  #hand = 0;
  /** Set by `find`: whether the segment came from the low endpoint. */
  #fromLow = false;
  evictedFlows = 0;
  /** Few flows travel in tunnels: what is around those is kept apart. */
  readonly #outers = new Map<FlowSlot, Outer>();

  constructor(options: FlowTableOptions) {
    super();
    const { flowsMax } = options;
    assert(flowsMax > 0 && flowsMax <= CAPACITY_MAX && (flowsMax & (flowsMax - 1)) === 0, "flowsMax is a power of two");
    this.#flowsMax = flowsMax;
    this.#onEvicted = options.onEvicted;
    this.#capacity = Math.min(FIRST_CAPACITY, flowsMax);
    this.records = new Int32Array(this.#capacity * RECORD_WORDS);
    this.#buckets = new Int32Array(this.#capacity * 2).fill(NONE);
  }

  /** The flow of a segment, made when it is new; counts the packet. */
  find(s: Segment): FlowSlot {
    const fromLow = isLow(s);
    this.#fromLow = fromLow;
    const ports = fromLow ? (s.sourcePort << 16) | s.destinationPort : (s.destinationPort << 16) | s.sourcePort;
    const kind = s.protocol | (s.version << 8);
    const hash = hashOf(s, ports, kind);
    const records = this.records;
    let slot = this.#buckets[hash & (this.#buckets.length - 1)] as number;
    while (slot !== NONE) {
      const at = slot * RECORD_WORDS;
      if (records[at] === hash && this.#isSame(at, s, ports, kind, fromLow)) {
        this.#count(at, s);
        return slot;
      }
      slot = records[at + WORD.next] as number;
    }
    return this.#insert(s, hash, ports, kind, fromLow);
  }

  #isSame(at: number, s: Segment, ports: number, kind: number, fromLow: boolean): boolean {
    const r = this.records;
    if (r[at + WORD.ports] !== ports || ((r[at + WORD.kind] as number) & 0xffff) !== kind) return false;
    const from = at + (fromLow ? WORD.low : WORD.high);
    const to = at + (fromLow ? WORD.high : WORD.low);
    if (r[from + 3] !== s.source3 || r[to + 3] !== s.destination3) return false;
    if (s.version === 4) return true;
    if (r[from] !== s.source0 || r[from + 1] !== s.source1 || r[from + 2] !== s.source2) return false;
    return r[to] === s.destination0 && r[to + 1] === s.destination1 && r[to + 2] === s.destination2;
  }

  #count(at: number, s: Segment): void {
    const r = this.records;
    r[at + WORD.packets] = (r[at + WORD.packets] as number) + 1;
    const before = r[at + WORD.bytesLow] as number;
    const after = (before + s.wireBytes) | 0;
    r[at + WORD.bytesLow] = after;
    if (after >>> 0 < before >>> 0) r[at + WORD.bytesHigh] = (r[at + WORD.bytesHigh] as number) + 1;
    r[at + WORD.seenMs] = s.timeMs;
  }

  #insert(s: Segment, hash: number, ports: number, kind: number, fromLow: boolean): FlowSlot {
    const slot = this.#take();
    const r = this.records;
    const at = slot * RECORD_WORDS;
    r.fill(0, at, at + RECORD_WORDS);
    const from = at + (fromLow ? WORD.low : WORD.high);
    const to = at + (fromLow ? WORD.high : WORD.low);
    r[at + WORD.hash] = hash;
    r[from] = s.source0;
    r[from + 1] = s.source1;
    r[from + 2] = s.source2;
    r[from + 3] = s.source3;
    r[to] = s.destination0;
    r[to + 1] = s.destination1;
    r[to + 2] = s.destination2;
    r[to + 3] = s.destination3;
    r[at + WORD.ports] = ports;
    r[at + WORD.kind] = kind | (fromLow ? LOW_STARTED : 0);
    r[at + WORD.talk] = NONE;
    if (s.outer.kind !== "none") this.#outers.set(slot, s.outer.copy());
    else if (this.#outers.size > 0) this.#outers.delete(slot);
    this.#link(slot, hash);
    this.#count(at, s);
    return slot;
  }

  #link(slot: FlowSlot, hash: number): void {
    const bucket = hash & (this.#buckets.length - 1);
    this.records[slot * RECORD_WORDS + WORD.next] = this.#buckets[bucket] as number;
    this.#buckets[bucket] = slot;
  }

  #take(): FlowSlot {
    if (this.#free !== NONE) {
      const slot = this.#free;
      this.#free = this.records[slot * RECORD_WORDS + WORD.next] as number;
      return slot;
    }
    if (this.#used === this.#capacity) {
      if (this.#capacity === this.#flowsMax) return this.#evict();
      this.#grow();
    }
    this.#used += 1;
    return this.#used - 1;
  }

  #grow(): void {
    this.#capacity *= 2;
    const records = new Int32Array(this.#capacity * RECORD_WORDS);
    records.set(this.records);
    this.records = records;
    this.#buckets = new Int32Array(this.#capacity * 2).fill(NONE);
    for (let slot = 0; slot < this.#used; slot += 1) this.#link(slot, records[slot * RECORD_WORDS] as number);
  }

  // A hand goes round the table and gives up the most silent of a few: no list to maintain on every packet.
  #evict(): FlowSlot {
    let worst = this.#hand;
    for (let look = 0; look < EVICTION_LOOKS; look += 1) {
      const slot = (this.#hand + look) & (this.#capacity - 1);
      if (this.seenMs(slot) < this.seenMs(worst)) worst = slot;
    }
    this.#hand = (this.#hand + EVICTION_LOOKS) & (this.#capacity - 1);
    this.#onEvicted(worst);
    this.evictedFlows += 1;
    this.#unlink(worst);
    return worst;
  }

  /** Forgets a flow; its slot may be given to another. */
  remove(slot: FlowSlot): void {
    this.#unlink(slot);
    const at = slot * RECORD_WORDS;
    this.records[at + WORD.packets] = 0;
    this.records[at + WORD.next] = this.#free;
    this.#free = slot;
  }

  #unlink(slot: FlowSlot): void {
    const r = this.records;
    const bucket = (r[slot * RECORD_WORDS] as number) & (this.#buckets.length - 1);
    let at = this.#buckets[bucket] as number;
    const next = r[slot * RECORD_WORDS + WORD.next] as number;
    if (at === slot) {
      this.#buckets[bucket] = next;
      return;
    }
    while ((r[at * RECORD_WORDS + WORD.next] as number) !== slot) at = r[at * RECORD_WORDS + WORD.next] as number;
    r[at * RECORD_WORDS + WORD.next] = next;
  }

  /** The tunnel in which the flow's first packet came; undefined when it came in none. */
  outer(slot: FlowSlot): Outer | undefined {
    return this.#outers.get(slot);
  }

  /** Of the segment last given to `find`: whether the flow's first sender sent it. */
  fromInitiator(slot: FlowSlot): boolean {
    return this.lowStarted(slot) === this.#fromLow;
  }

  /** Calls back with every flow, in the order in which the slots were first used. */
  forEach(visit: (slot: FlowSlot) => void): void {
    for (let slot = 0; slot < this.#used; slot += 1) {
      if (this.packets(slot) > 0) visit(slot);
    }
  }

  /** What the table itself occupies, for a flow at the present filling. */
  get bytesAllocated(): number {
    return this.records.byteLength + this.#buckets.byteLength;
  }

  get flows(): number {
    return this.#used;
  }
}
