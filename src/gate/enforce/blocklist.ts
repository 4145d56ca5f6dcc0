// Verdicts on their way into the kernel: elements gather while a transaction runs, and the next one takes them all.

import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { FlowLine } from "../flow-line.ts";
import { type WhyCode, whyOf } from "../why.ts";
import {
  clearedSet,
  denyChain,
  EITHER_CHAIN,
  endpointMap,
  type Family,
  flowMap,
  pairMap,
  TABLE,
  TUNNELLED_CHAIN,
  tunnelFlowMap,
  tunnelMap,
} from "./names.ts";
import type { OuterFlow } from "./outer-flow.ts";

/** The connection's mark takes over with the first packet that matches, so that elements need not live long. */
const FLOW_SECONDS = 120;
/** One UDP socket of a client speaks to many peers: it is known for as long as people wait before they try again. */
const ENDPOINT_SECONDS = 300;
const ENDPOINT_CONFIDENCE = 0.95;
/**
 * Somebody speaks to a peer. They dial the same peer again in other ways: over TCP when uTP fails, encrypted when the plain
 * handshake fails; and about one MSE handshake in a thousand looks framed by chance. So the two are kept apart for a while.
 */
const TO_PEERS: ReadonlySet<WhyCode> = new Set([
  "bt.handshake",
  "bt.handshake_inside",
  "bt.messages",
  "bt.mse",
  "bt.mse_or_ed2k",
  "bt.utp_handshake",
  "bt.utp_open",
  "bt.utp_both",
  "bt.utp_one_way",
  "emule.hello",
  "emule.obfuscated",
  "emule.obfuscated_server",
]);
export const TUNNEL_SECONDS = 120;
const ELEMENTS_A_BATCH = 2000;
const PENDING_MAX = 200_000;

export type Apply = (text: string) => Promise<Result<string, Failure>>;

export class Blocklist {
  readonly #apply: Apply;
  readonly #onFailed: (failed: Failure) => void;
  #pending: string[] = [];
  #isRunning = false;
  /** Elements that were given up because the kernel took them more slowly than they came. */
  lostElements = 0;

  constructor(apply: Apply, onFailed: (failed: Failure) => void) {
    this.#apply = apply;
    this.#onFailed = onFailed;
  }

  /** Both directions of a flow, and the client's own socket where that is safe to say. */
  block(line: FlowLine): void {
    if (line.application === null) return;
    const isEither = whyOf(line.why.code).orElse !== undefined;
    const verdict = `goto ${isEither ? EITHER_CHAIN : denyChain(line.application)}`;
    const family = familyOfLine(line);
    for (const flow of bothWays(line)) this.#add(flowMap(family), `${flow} timeout ${FLOW_SECONDS}s : ${verdict}`);
    // The sender's socket only: a datagram that somebody sends to a name server makes the server no peer.
    if (line.proto === "udp" && line.confidence >= ENDPOINT_CONFIDENCE) {
      const endpoint = `udp . ${line.src} . ${line.srcPort}`;
      this.#add(endpointMap(family), `${endpoint} timeout ${ENDPOINT_SECONDS}s : ${verdict}`);
    }
    if (TO_PEERS.has(line.why.code)) {
      const pair = `${line.src} . ${line.dst} . ${line.dstPort}`;
      this.#add(pairMap(family), `${pair} timeout ${FLOW_SECONDS}s : ${verdict}`);
    }
    this.#flush();
  }

  /** A tunnel as the router sees it, in both directions. */
  blockTunnel(outer: OuterFlow): void {
    const family = familyOfLine(outer);
    const verdict = `timeout ${TUNNEL_SECONDS}s : goto ${TUNNELLED_CHAIN}`;
    if (outer.proto === "udp") {
      for (const flow of bothWays(outer)) this.#add(tunnelFlowMap(family), `${flow} ${verdict}`);
    } else {
      this.#add(tunnelMap(family), `${outer.proto} . ${outer.src} . ${outer.dst} ${verdict}`);
      this.#add(tunnelMap(family), `${outer.proto} . ${outer.dst} . ${outer.src} ${verdict}`);
    }
    this.#flush();
  }

  /** Lets a connection that was held go on. */
  clear(line: FlowLine): void {
    const family = familyOfLine(line);
    for (const flow of bothWays(line)) this.#add(clearedSet(family), `${flow} timeout ${FLOW_SECONDS}s`);
    this.#flush();
  }

  #add(set: string, element: string): void {
    if (this.#pending.length >= PENDING_MAX) this.lostElements += 1;
    else this.#pending.push(`add element ${TABLE} ${set} { ${element} }`);
  }

  #flush(): void {
    if (this.#isRunning || this.#pending.length === 0) return;
    this.#isRunning = true;
    const batch = this.#pending.splice(0, ELEMENTS_A_BATCH);
    void this.#send(batch).finally(() => {
      this.#isRunning = false;
      this.#flush();
    });
  }

  // One bad element must not take the others with it: a failed batch is tried in halves.
  async #send(batch: readonly string[]): Promise<void> {
    const result = await this.#apply(`${batch.join("\n")}\n`);
    if (result.ok) return;
    if (batch.length === 1) return this.#onFailed(result.error);
    const middle = batch.length >> 1;
    await this.#send(batch.slice(0, middle));
    await this.#send(batch.slice(middle));
  }
}

function familyOfLine({ src }: { readonly src: string }): Family {
  return src.includes(":") ? 6 : 4;
}

function bothWays(line: OuterFlow): [string, string] {
  const there = `${line.src} . ${line.srcPort}`;
  const back = `${line.dst} . ${line.dstPort}`;
  return [`${line.proto} . ${there} . ${back}`, `${line.proto} . ${back} . ${there}`];
}
