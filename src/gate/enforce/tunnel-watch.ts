// What the classifier finds inside of tunnels: the router can refuse only the tunnel itself, for a time, and again when
// the time is over and peer-to-peer traffic is still in it.

import type { Outer } from "../../wire/packet/segment.ts";
import type { FlowLine, TunnelLine } from "../flow-line.ts";
import { TUNNEL_SECONDS } from "./blocklist.ts";
import { tunnelOf } from "./outer-flow.ts";

const TUNNELS_MAX = 4096;
/** Before the element in the kernel is over, so that nothing comes through in between. */
const AGAIN_AFTER_MS = (TUNNEL_SECONDS * 1000) / 2;

export class TunnelWatch {
  /** When each tunnel was told of last, in that order. */
  readonly #toldMs = new Map<string, number>();
  readonly #onFound: (tunnel: TunnelLine, inner: FlowLine) => void;

  constructor(onFound: (tunnel: TunnelLine, inner: FlowLine) => void) {
    this.#onFound = onFound;
  }

  /** A packet of an inner flow that is peer-to-peer; `inner` is made only when it is needed. */
  packet(outer: Outer, inner: () => FlowLine, nowMs: number): void {
    const key = `${outer.protocol} ${outer.source.join()} ${outer.sourcePort} ${outer.destination.join()} ${outer.destinationPort}`;
    if (nowMs - (this.#toldMs.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_AFTER_MS) return;
    this.#toldMs.delete(key);
    this.#toldMs.set(key, nowMs);
    const [oldest] = this.#toldMs.keys();
    if (this.#toldMs.size > TUNNELS_MAX && oldest !== undefined) this.#toldMs.delete(oldest);
    this.#onFound(tunnelOf(outer), inner());
  }

  /** Grants changed: what is found next is judged anew. */
  forget(): void {
    this.#toldMs.clear();
  }
}
