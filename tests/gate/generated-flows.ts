// Conversations that a seed makes, and what the gate says of each one alone: segments go straight to the classifier, so
// that a hundred thousand flows take a second.

import { Classifier } from "../../src/gate/classify/classifier.ts";
import { type WhyCode, whyCode } from "../../src/gate/why.ts";
import { PROTOCOL, Segment, TCP_FLAG } from "../../src/wire/packet/segment.ts";
import type { SeededRandom } from "../../src/world/sim/random.ts";
import type { Said } from "./conversation.ts";

export type Conversation = { readonly over: "tcp" | "udp"; readonly said: readonly Said[] };
export type Maker = (random: SeededRandom) => Conversation;

export function randomBytes(random: SeededRandom, count: number): Uint8Array {
  const words = new Uint32Array((count + 3) >>> 2);
  for (let at = 0; at < words.length; at += 1) words[at] = random.next32();
  return new Uint8Array(words.buffer, 0, count);
}

const LOOKED_FOR = new Set([0xe3, 0xe4, 0xe5, 0xc5, 0xd4]);

/** Fixed bytes before a message; never those by which eMule's protocols are known. */
export function markBytes(random: SeededRandom, count: number): Uint8Array {
  const mark = randomBytes(random, count);
  return LOOKED_FOR.has(mark[0] ?? 0) ? mark.map((byte) => byte ^ 0x80) : mark;
}

export function between(random: SeededRandom, least: number, most: number): number {
  return least + random.below(most - least + 1);
}

export function oneOf<T>(random: SeededRandom, first: T, ...others: readonly T[]): T {
  const at = random.below(others.length + 1);
  return at === 0 ? first : (others[at - 1] ?? first);
}

/** A whole number in so many bytes. */
export function integer(value: number, width: number, order: "big" | "little" = "big"): Uint8Array {
  const bytes = new Uint8Array(width);
  for (let at = 0, rest = value; at < width; at += 1, rest = Math.floor(rest / 256)) {
    bytes[order === "big" ? width - 1 - at : at] = rest % 256;
  }
  return bytes;
}

/** Gives conversations to one classifier, each with a port of its own. */
export class FlowFeeder {
  readonly #classifier = new Classifier({ flowsMax: 1 << 10, talksMax: 256 });
  readonly #segment = new Segment();
  #flow = 0;

  constructor() {
    this.#segment.version = 4;
  }

  /** The code under which the conversation stands when everything was said. */
  judge({ over, said }: Conversation): WhyCode {
    this.#flow = (this.#flow + 1) % 50_000;
    const s = this.#segment;
    s.protocol = over === "tcp" ? PROTOCOL.tcp : PROTOCOL.udp;
    s.timeMs += 1000;
    const next: [number, number] = [1000, 5000];
    if (over === "tcp") {
      this.#send(0, TCP_FLAG.syn, 999, new Uint8Array(0));
      this.#send(1, TCP_FLAG.syn | TCP_FLAG.ack, 4999, new Uint8Array(0));
    }
    for (const { by, bytes } of said) {
      s.timeMs += 20;
      this.#send(by, TCP_FLAG.ack, next[by], bytes);
      next[by] += bytes.length;
    }
    const table = this.#classifier.table;
    this.#send(0, TCP_FLAG.ack, next[0], new Uint8Array(0));
    return whyCode(table.verdict(table.find(s)));
  }

  #send(by: 0 | 1, flags: number, sequence: number, bytes: Uint8Array): void {
    const s = this.#segment;
    const [here, there] = [0x0a00_0001, 0x0a00_0002];
    const port = 10_000 + this.#flow;
    s.source3 = by === 0 ? here : there;
    s.destination3 = by === 0 ? there : here;
    s.sourcePort = by === 0 ? port : 443;
    s.destinationPort = by === 0 ? 443 : port;
    s.flags = flags;
    s.sequence = sequence;
    s.bytes = bytes;
    s.payloadBegin = 0;
    s.payloadEnd = bytes.length;
    s.payloadBytes = bytes.length;
    s.wireBytes = bytes.length + 40;
    this.#classifier.segment(s);
  }
}
