// One uTP connection, without I/O: packets and the clock come in, datagrams and bytes go out through the sink.
// STATE.md beside this file lists its states. Nothing is sent from within `receive` or `write`: `flush`, called at the
// end of the turn, sends one acknowledgement for all that arrived and as much data as the windows allow.

import { encodeUtpPacket, stampUtpHeader, UNSTAMPED, type UtpPacket, type UtpType } from "../../../wire/utp/packet.ts";
import { nextSequence, previousSequence } from "../../../wire/utp/sequence.ts";
import { Inbound } from "./inbound.ts";
import { Outbound } from "./outbound.ts";

/** Seconds without an answer: each SYN waits twice as long as the one before. */
const SYN_WAITS_MS: readonly number[] = [1000, 2000, 4000];
/** Half-open connections of others are forgotten after this. */
const HALF_OPEN_MS_MAX = 10_000;
/** A packet now and then keeps the translation of a home router alive. */
const KEEP_ALIVE_MS = 29_000;
const DIALLED_SEQUENCE = 1;
const EMPTY = new Uint8Array(0);

export type UtpSink = {
  transmit(datagram: Uint8Array): void;
  /** The other side answered (dialled) or proved its address (accepted). */
  connected(): void;
  /** In-order payload; valid during the call. */
  deliver(payload: Uint8Array): void;
  drained(): void;
  /** Exactly once. */
  closed(why: string): void;
  /** Something waits for `flush`. */
  dirty(): void;
};

export type UtpOpening =
  | { readonly role: "dialled"; readonly receiveId: number }
  | { readonly role: "accepted"; readonly syn: UtpPacket; readonly firstSequence: number };

export type UtpConnectionOptions = {
  readonly opening: UtpOpening;
  readonly family: 4 | 6;
  readonly sink: UtpSink;
  readonly nowMs: number;
};

export type UtpState =
  | { readonly at: "syn-sent"; readonly tries: number; readonly sinceMs: number }
  | { readonly at: "syn-received"; readonly sinceMs: number }
  | { readonly at: "connected" }
  | { readonly at: "closed"; readonly why: string };

export class UtpConnection {
  readonly receiveId: number;
  readonly sendId: number;
  readonly #sink: UtpSink;
  readonly #outbound: Outbound;
  #inbound: Inbound;
  #state: UtpState;
  /** What we tell the peer: our clock minus its last timestamp. */
  #replyDelayUs = 0;
  #ackWanted = false;
  #lastSentMs: number;

  constructor({ opening, family, sink, nowMs }: UtpConnectionOptions) {
    this.#sink = sink;
    this.#lastSentMs = nowMs;
    const dialled = opening.role === "dialled";
    this.receiveId = dialled ? opening.receiveId : nextSequence(opening.syn.connectionId);
    this.sendId = dialled ? nextSequence(opening.receiveId) : opening.syn.connectionId;
    this.#state = dialled ? { at: "syn-sent", tries: 0, sinceMs: nowMs } : { at: "syn-received", sinceMs: nowMs };
    this.#inbound = this.#inboundAfter(dialled ? 0 : opening.syn.sequence);
    this.#outbound = new Outbound({
      connectionId: this.sendId,
      // A dialled connection has used its first number for the SYN.
      firstSequence: dialled ? nextSequence(DIALLED_SEQUENCE) : opening.firstSequence,
      family,
      nowMs,
      transmit: (datagram, at) => this.#transmit(datagram, at),
      drained: () => this.#sink.drained(),
    });
    if (opening.role === "accepted") this.#noteTimestamp(opening.syn, nowMs);
    this.#ackWanted = !dialled;
    sink.dirty();
  }

  get state(): UtpState {
    return this.#state;
  }

  get unsentBytes(): number {
    return this.#outbound.unsentBytes;
  }

  get windowBytes(): number {
    return this.#outbound.windowBytes;
  }

  get packetBytes(): number {
    return this.#outbound.packetBytes;
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    if (this.#state.at === "closed") {
      flushed?.();
      return;
    }
    this.#outbound.write(bytes, flushed);
    this.#sink.dirty();
  }

  setReading(reading: boolean): void {
    if (this.#state.at === "closed") return;
    this.#inbound.setReading(reading);
    // Tells the peer that the window is open again.
    if (reading) this.#wantAck();
  }

  /** Closes at once: what is unsent is dropped and the peer is told once. */
  close(why: string): void {
    if (this.#state.at === "connected") this.#sendBare("fin", this.#lastSentMs);
    this.#end(why);
  }

  receive(packet: UtpPacket, nowMs: number): void {
    if (this.#state.at === "closed") return;
    if (packet.type === "reset") {
      this.#end(this.#state.at === "syn-sent" ? "refused" : "reset");
      return;
    }
    if (packet.type === "syn") {
      // Our answer was lost. We never repeat it by ourselves: whoever forges a SYN gets one packet for each (H72).
      if (this.#state.at !== "syn-sent") this.#wantAck();
      return;
    }
    if (!this.#open(packet) || !this.#outbound.acknowledge(packet, nowMs)) return;
    this.#noteTimestamp(packet, nowMs);
    if (packet.type === "data" || packet.type === "fin") {
      this.#ackWanted = true;
      this.#inbound.accept(packet);
    }
    this.#sink.dirty();
  }

  /** Sends what may be sent now. */
  flush(nowMs: number): void {
    if (this.#state.at === "syn-sent") this.#trySyn(nowMs);
    if (this.#state.at === "syn-received" && this.#ackWanted) this.#sendAck(nowMs);
    if (this.#state.at !== "connected") return;
    // An accepted connection sends no data before its peer proved that it is where it says (H72).
    const sent = this.#outbound.send(nowMs);
    if (this.#ackWanted && (!sent || this.#inbound.hasGap)) this.#sendAck(nowMs);
    this.#ackWanted = false;
    if (this.#inbound.isFinished) this.close("ended");
  }

  /** Looks at the clock; the socket calls it a few dozen times a second. */
  tick(nowMs: number): void {
    const state = this.#state;
    switch (state.at) {
      case "closed":
        return;
      case "syn-received":
        if (nowMs - state.sinceMs > HALF_OPEN_MS_MAX) this.#end("timed-out");
        return;
      case "syn-sent":
        this.#trySyn(nowMs);
        return;
      case "connected":
        this.#tickConnected(nowMs);
    }
  }

  #tickConnected(nowMs: number): void {
    const outcome = this.#outbound.tick(nowMs);
    if (outcome === "dead") this.#end("timed-out");
    else if (outcome === "again") this.#sink.dirty();
    else if (nowMs - this.#lastSentMs > KEEP_ALIVE_MS) this.#sendAck(nowMs);
  }

  #trySyn(nowMs: number): void {
    const state = this.#state;
    if (state.at !== "syn-sent") return;
    const waitMs = state.tries === 0 ? 0 : SYN_WAITS_MS[state.tries - 1];
    if (waitMs === undefined || nowMs - state.sinceMs < waitMs) return;
    if (state.tries === SYN_WAITS_MS.length) {
      this.#end("timed-out");
      return;
    }
    this.#state = { at: "syn-sent", tries: state.tries + 1, sinceMs: nowMs };
    this.#transmit(this.#barePacket("syn", this.receiveId, DIALLED_SEQUENCE), nowMs);
  }

  // The first answer settles the sequence numbers (dialled) or proves the address (accepted).
  #open(packet: UtpPacket): boolean {
    const state = this.#state;
    if (state.at === "connected") return true;
    if (packet.acknowledged !== previousSequence(this.#outbound.nextSequence)) return false;
    // A state packet does not use up its number, whatever BEP 29's diagram says: so do libutp and libtorrent.
    if (state.at === "syn-sent") this.#inbound = this.#inboundAfter(previousSequence(packet.sequence));
    this.#state = { at: "connected" };
    this.#sink.connected();
    return true;
  }

  #inboundAfter(acknowledged: number): Inbound {
    return new Inbound(acknowledged, (payload) => {
      if (this.#state.at === "connected") this.#sink.deliver(payload);
    });
  }

  #wantAck(): void {
    this.#ackWanted = true;
    this.#sink.dirty();
  }

  #sendAck(nowMs: number): void {
    this.#ackWanted = false;
    this.#sendBare("state", nowMs);
  }

  #sendBare(type: UtpType, nowMs: number): void {
    this.#transmit(this.#barePacket(type, this.sendId, this.#outbound.nextSequence), nowMs);
  }

  #barePacket(type: UtpType, connectionId: number, sequence: number): Buffer {
    const selectiveAck = type === "state" ? this.#inbound.selectiveAck() : undefined;
    return encodeUtpPacket({ type, connectionId, sequence, selectiveAck, ...UNSTAMPED }, EMPTY);
  }

  #transmit(datagram: Buffer, nowMs: number): void {
    stampUtpHeader(datagram, {
      sentUs: toWireUs(nowMs),
      delayUs: this.#replyDelayUs,
      windowBytes: this.#inbound.roomBytes,
      acknowledged: this.#inbound.acknowledged,
    });
    this.#lastSentMs = nowMs;
    this.#sink.transmit(datagram);
  }

  #noteTimestamp(packet: UtpPacket, nowMs: number): void {
    this.#replyDelayUs = (toWireUs(nowMs) - packet.sentUs) >>> 0;
  }

  #end(why: string): void {
    if (this.#state.at === "closed") return;
    this.#state = { at: "closed", why };
    this.#inbound.clear();
    this.#outbound.clear();
    this.#sink.closed(why);
  }
}

function toWireUs(nowMs: number): number {
  return Math.floor(nowMs * 1000) % 0x1_0000_0000;
}
