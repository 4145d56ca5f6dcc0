// Follows every flow of a stream of segments and decides what each one is. A decided flow costs one look-up a packet; an
// undecided one is put in order and shown to the recognisers until one names a reason or all have said no.

import { type Outer, PROTOCOL, type Segment, type SegmentSink, TCP_FLAG } from "../../wire/packet/segment.ts";
import type { FlowSlot } from "../flow/record.ts";
import { Reordering } from "../flow/reordering.ts";
import { FlowTable } from "../flow/table.ts";
import { INITIATOR, RESPONDER, type Side, Talk } from "../flow/talk.ts";
import { type WhyCode, whyNumber } from "../why.ts";
import { beginsHandshake } from "./bittorrent-handshake.ts";
import { asksForBlock } from "./bittorrent-messages.ts";
import { KnownHosts } from "./known-hosts.ts";
import type { Recogniser } from "./recogniser.ts";
import { TCP_RECOGNISERS, UDP_RECOGNISERS } from "./recognisers.ts";

const UNDECIDED = whyNumber("flow.undecided");
const ORDINARY = whyNumber("flow.ordinary");
/** Flows whose datagrams tell the ids of Kad nodes. */
const KAD_IN_CLEAR = new Set((["kad.request_alone", "kad.message", "kad.pair"] as const).map(whyNumber));
/** No recogniser waits longer: later bytes of an undecided flow are not looked at. */
const PACKETS_MAX = 64;
const UNDECIDED_BYTES_MAX = 65_536;

export type ClassifierOptions = {
  /** A power of two. */
  readonly flowsMax: number;
  /** Flows that may be undecided at one time. */
  readonly talksMax: number;
  /** A flow that said so much without showing anything is ordinary. */
  readonly undecidedBytesMax?: number;
  /** Called once for an ordinary flow, when it has grown to so many bytes on the wire. */
  readonly grownBytes?: number;
  readonly onGrown?: (slot: FlowSlot) => void;
  /** Called when a flow is decided to be peer-to-peer; its addresses mean nothing outside of a tunnel that it came in. */
  readonly onVerdict?: (slot: FlowSlot, isTunnelled: boolean) => void;
  /** Called for every packet that came in a tunnel, after its flow was judged. */
  readonly onTunnelled?: (slot: FlowSlot, outer: Outer) => void;
  /** Called before a flow's record is given up. */
  readonly onEvicted?: (slot: FlowSlot) => void;
};

export class Classifier implements SegmentSink {
  readonly table: FlowTable;
  readonly #talk: Talk;
  readonly #reordering = new Reordering();
  readonly #hosts = new KnownHosts();
  readonly #onVerdict: NonNullable<ClassifierOptions["onVerdict"]>;
  readonly #onTunnelled: ClassifierOptions["onTunnelled"];
  readonly #undecidedBytesMax: number;
  readonly #grownBytes: number;
  readonly #onGrown: (slot: FlowSlot) => void;
  #owners: Int32Array;
  #crowdingHand = 0;
  #isTunnelled = false;
  /** Flows whose talk was given up for a newer one before they were decided. */
  crowdedOutFlows = 0;

  constructor(options: ClassifierOptions) {
    this.#onVerdict = options.onVerdict ?? ((): void => undefined);
    this.#onTunnelled = options.onTunnelled;
    this.#undecidedBytesMax = options.undecidedBytesMax ?? UNDECIDED_BYTES_MAX;
    this.#grownBytes = options.grownBytes ?? Number.POSITIVE_INFINITY;
    this.#onGrown = options.onGrown ?? ((): void => undefined);
    this.#talk = new Talk(options.talksMax);
    this.#owners = new Int32Array(options.talksMax).fill(-1);
    this.table = new FlowTable({
      flowsMax: options.flowsMax,
      onEvicted: (slot) => {
        this.#closeTalk(slot);
        options.onEvicted?.(slot);
      },
    });
  }

  /** Bytes of table and talks as allocated. */
  get bytesAllocated(): number {
    return this.table.bytesAllocated + this.#talk.bytesAllocated + this.#reordering.heldBytes;
  }

  segment(s: Segment): void {
    const slot = this.table.find(s);
    const verdict = this.table.verdict(slot);
    this.#isTunnelled = s.outer.kind !== "none";
    if (s.protocol === PROTOCOL.tcp) {
      if (verdict === UNDECIDED) this.#tcp(slot, s);
      else if (verdict === ORDINARY) this.#ordinaryTcp(slot, s);
    } else if (s.protocol === PROTOCOL.udp && s.payloadEnd > s.payloadBegin) {
      if (verdict === UNDECIDED) this.#udp(slot, s);
      else if (verdict === ORDINARY) this.#grow(slot);
      else if (KAD_IN_CLEAR.has(verdict)) this.#hosts.learn(s);
    }
    if (this.#isTunnelled) this.#onTunnelled?.(slot, s.outer);
  }

  #grow(slot: FlowSlot): void {
    if (!this.#isTunnelled && this.table.bytes(slot) >= this.#grownBytes && this.table.markGrown(slot))
      this.#onGrown(slot);
  }

  #udp(slot: FlowSlot, s: Segment): void {
    const table = this.table;
    table.countPayload(slot);
    if (this.#hosts.opens(s)) return this.#decide(slot, "kad.deciphered");
    const talk = this.#openTalk(slot);
    this.#show(slot, s, this.#sideOf(slot), s.bytes, s.payloadBegin, s.payloadEnd, s.payloadBytes);
    this.#judge(slot, talk, UDP_RECOGNISERS);
    if (KAD_IN_CLEAR.has(table.verdict(slot))) this.#hosts.learn(s);
  }

  // A connection that looked ordinary may be reused, or turn to BitTorrent behind a proxy's greeting.
  #ordinaryTcp(slot: FlowSlot, s: Segment): void {
    this.#grow(slot);
    if ((s.flags & TCP_FLAG.syn) !== 0) {
      if ((s.flags & TCP_FLAG.ack) !== 0 || this.table.next(slot, this.#sideOf(slot)) === s.sequence + 1) return;
      this.table.reopen(slot);
      this.#tcp(slot, s);
    } else if (beginsHandshake(s.bytes, s.payloadBegin, s.payloadEnd)) {
      this.#decide(slot, "bt.handshake_inside");
    } else if (asksForBlock(s.bytes, s.payloadBegin, s.payloadEnd)) {
      this.#decide(slot, "bt.messages");
    }
  }

  #tcp(slot: FlowSlot, s: Segment): void {
    const table = this.table;
    let sequence = s.sequence;
    if ((s.flags & TCP_FLAG.syn) !== 0) {
      // The first packet seen was the answer: the other end opened the flow.
      if ((s.flags & TCP_FLAG.ack) !== 0 && table.packets(slot) === 1) table.turn(slot);
      sequence = (sequence + 1) | 0;
      table.open(slot, this.#sideOf(slot), sequence);
    }
    if (s.payloadEnd <= s.payloadBegin) return;
    table.countPayload(slot);
    this.#order(slot, s, sequence);
  }

  #order(slot: FlowSlot, s: Segment, sequence: number): void {
    const side = this.#sideOf(slot);
    const index = this.#openTalk(slot);
    const talk = this.#talk;
    if (!talk.nextKnown(side)) talk.setNext(side, sequence);
    const ahead = (sequence - talk.next(side)) | 0;
    if (ahead > 0) {
      const bytes = s.bytes.subarray(s.payloadBegin, s.payloadEnd);
      if (this.#reordering.hold(index, side, { sequence, bytes, wireBytes: s.payloadBytes }, ahead)) return;
      this.#skipGap(slot, index, s, side);
      if (this.table.verdict(slot) !== UNDECIDED) return;
    }
    this.#take(slot, index, s, side, sequence, s.bytes, s.payloadBegin, s.payloadEnd, s.payloadBytes);
    this.#takeDue(slot, index, s, side);
  }

  // What was missing will not come: go on behind the gap, with a head that cannot grow.
  #skipGap(slot: FlowSlot, index: number, s: Segment, side: Side): void {
    this.#talk.markBroken(side);
    const earliest = this.#reordering.earliest(index, side);
    this.#talk.setNext(side, earliest?.sequence ?? s.sequence);
    if (earliest === undefined) return;
    const { bytes, sequence, wireBytes } = earliest;
    this.#take(slot, index, s, side, sequence, bytes, 0, bytes.length, wireBytes);
    this.#takeDue(slot, index, s, side);
  }

  #takeDue(slot: FlowSlot, index: number, s: Segment, side: Side): void {
    while (!this.#reordering.isEmpty && this.table.verdict(slot) === UNDECIDED) {
      const due = this.#reordering.due(index, side, this.#talk.next(side));
      if (due === undefined) return;
      this.#take(slot, index, s, side, due.sequence, due.bytes, 0, due.bytes.length, due.wireBytes);
    }
  }

  #take(
    slot: FlowSlot,
    index: number,
    s: Segment,
    side: Side,
    sequence: number,
    bytes: Uint8Array,
    begin: number,
    end: number,
    wireBytes: number,
  ): void {
    const talk = this.#talk;
    talk.use(index);
    const known = (talk.next(side) - sequence) | 0;
    // H184: when a retransmission disagrees with what came first, the receiver may have kept either version. The first was
    // judged already; now the later one takes its place.
    if (known > 0 && talk.rewrite(side, known, bytes.subarray(begin, Math.min(end, begin + known)))) {
      talk.timeMs = s.timeMs;
      this.#judge(slot, index, TCP_RECOGNISERS);
    }
    if (known >= wireBytes || this.table.verdict(slot) !== UNDECIDED) return;
    talk.setNext(side, (sequence + wireBytes) | 0);
    this.#show(slot, s, side, bytes, begin + Math.max(0, known), end, wireBytes - Math.max(0, known));
    this.#judge(slot, index, TCP_RECOGNISERS);
    // Some other recogniser may still listen when the handshake's own has given up.
    if (this.table.verdict(slot) === UNDECIDED && beginsHandshake(talk.bytes, talk.begin, talk.end)) {
      this.#decide(slot, "bt.handshake_inside");
    }
  }

  #show(
    slot: FlowSlot,
    s: Segment,
    side: Side,
    bytes: Uint8Array,
    begin: number,
    end: number,
    wireBytes: number,
  ): void {
    const talk = this.#talk;
    talk.use(this.table.talk(slot));
    talk.bytes = bytes;
    talk.begin = begin;
    talk.end = end;
    talk.side = side;
    talk.timeMs = s.timeMs;
    talk.append(wireBytes);
  }

  #judge(slot: FlowSlot, index: number, recognisers: readonly Recogniser[]): void {
    const talk = this.#talk;
    let isOpen = false;
    for (let i = 0; i < recognisers.length; i += 1) {
      if ((talk.ruledOut & (1 << i)) !== 0) continue;
      const judgement = (recognisers[i] as Recogniser).judge(talk);
      if (judgement === "more") isOpen = true;
      else if (judgement === "no") talk.ruleOut(1 << i);
      else return this.#decide(slot, judgement);
      talk.use(index);
    }
    const saidBytes = talk.streamBytes(INITIATOR) + talk.streamBytes(RESPONDER);
    const isTooLate = talk.packets >= PACKETS_MAX || saidBytes >= this.#undecidedBytesMax;
    if (!isOpen || isTooLate) this.#decide(slot, "flow.ordinary");
  }

  #decide(slot: FlowSlot, code: WhyCode): void {
    this.table.decide(slot, whyNumber(code), this.table.payloadPackets(slot));
    this.#closeTalk(slot);
    if (code !== "flow.ordinary") this.#onVerdict(slot, this.#isTunnelled);
  }

  #openTalk(slot: FlowSlot): number {
    const table = this.table;
    let index = table.talk(slot);
    if (index < 0) {
      index = this.#talk.take();
      if (index < 0) index = this.#crowdOut();
      this.#owners[index] = slot;
      table.setTalk(slot, index);
      this.#talk.use(index);
      for (const side of [INITIATOR, RESPONDER] as const) {
        if (table.isOpened(slot, side)) {
          this.#talk.setNext(side, table.next(slot, side));
          this.#talk.markOpened();
        }
      }
    }
    this.#talk.use(index);
    return index;
  }

  // All talks are in use: the most silent of a few undecided flows is given up, and counted.
  #crowdOut(): number {
    const looks = 16;
    let worst = this.#crowdingHand % this.#owners.length;
    for (let look = 0; look < looks; look += 1) {
      const index = (this.#crowdingHand + look) % this.#owners.length;
      const isOlder =
        this.table.seenMs(this.#owners[index] as number) < this.table.seenMs(this.#owners[worst] as number);
      if (isOlder) worst = index;
    }
    this.#crowdingHand = (this.#crowdingHand + looks) % this.#owners.length;
    this.crowdedOutFlows += 1;
    const owner = this.#owners[worst] as number;
    this.table.decide(owner, whyNumber("flow.crowded_out"), this.table.payloadPackets(owner));
    this.#closeTalk(owner);
    return this.#talk.take();
  }

  #closeTalk(slot: FlowSlot): void {
    const index = this.table.talk(slot);
    if (index < 0) return;
    this.table.setTalk(slot, -1);
    if (!this.#reordering.isEmpty) this.#reordering.forget(index);
    this.#owners[index] = -1;
    this.#talk.release(index);
  }

  #sideOf(slot: FlowSlot): Side {
    return this.table.fromInitiator(slot) ? INITIATOR : RESPONDER;
  }
}
