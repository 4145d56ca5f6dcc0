// Whom the gate refuses lately, and why: one entry for each inside address and application, with the newest evidence, the
// rule that decided and since when. Bounded; what has been quiet for an hour is forgotten. No stranger's address is kept.

import ipaddr from "ipaddr.js";
import { GATE_BLOCKS_MAX, type GateBlock } from "../../wire/api/v1/gate.ts";
import type { FlowLine } from "../flow-line.ts";
import { zoneComment } from "./names.ts";
import { deciderOf, deviceOf, type GatePolicy, zoneOf } from "./policy.ts";
import type { Closed, UsedUp } from "./quota-book.ts";

const KEPT_MS = 3_600_000;

type Entry = { -readonly [Member in keyof GateBlock]: GateBlock[Member] };
/** Packets by application and address, as the kernel counted them. */
export type MetPackets = ReadonlyMap<string, number>;
export const metKey = (application: string, address: string): string => `${application} ${address}`;
/** What a stranger says first never comes as far as the classifier: only the kernel has seen it. */
const SEEN_BY_KERNEL = {
  code: "kernel.refused",
  sentence: "The kernel knew the first bytes that others sent, and let them go no further.",
};

export class BlockBook {
  readonly #policy: GatePolicy;
  /** In the order of the last flow. */
  readonly #entries = new Map<string, Entry>();
  /** What the kernel had counted at the last look for those whom the policy names; undefined before the first. */
  #metBefore: MetPackets | undefined;
  #open: ReadonlySet<string> = new Set();
  /** Rises whenever the book says something new. */
  version = 0;

  constructor(policy: GatePolicy) {
    this.#policy = policy;
  }

  /** A flow without a grant. */
  refused(line: FlowLine, nowMs: number): void {
    const address = insideOf(this.#policy, line);
    const decider = deciderOf(this.#policy, address);
    const policy = decider?.policy ?? "block";
    if (line.application === null || policy === "allow") return;
    this.#note(nowMs, {
      address,
      application: line.application,
      treatment: policy === "throttle" ? "throttled" : "refused",
      why: line.why,
      rule: ruleOf(decider),
    });
  }

  /** Limits that are reached: what they close is blocked from now on, and what they closed before is not. */
  usedUp(reached: readonly UsedUp[], nowMs: number): void {
    for (const [key, { treatment }] of this.#entries) if (treatment === "over-quota") this.#forget(key);
    for (const { key, closes, limitBytes, sentence } of reached) {
      const why = { code: "quota.used_up", sentence };
      const rule = `quota of ${key}: ${limitBytes} bytes`;
      for (const closed of closes) this.#note(nowMs, { ...closed, treatment: "over-quota", why, rule });
    }
  }

  /** What was blocked and is open now is no longer said. */
  opened(open: readonly Closed[]): void {
    this.#open = new Set(open.map(({ application, address }) => metKey(application, address)));
    for (const { application, address } of open) {
      const key = metKey(application, address);
      if (this.#entries.get(key)?.treatment !== "over-quota") this.#forget(key);
    }
  }

  /** What the kernel counted since; who still meets the rules is still blocked. */
  count(met: MetPackets, nowMs: number): void {
    for (const entry of this.#entries.values()) {
      const packets = met.get(metKey(entry.application, entry.address)) ?? 0;
      if (packets === entry.packets) continue;
      if (packets > entry.packets) entry.lastMs = nowMs;
      entry.packets = packets;
      this.version += 1;
    }
    for (const [key, entry] of this.#entries) {
      if (nowMs - entry.lastMs > KEPT_MS) this.#forget(key);
    }
  }

  /** Who met the rules since the last look, and in no flow that anybody has judged. `met` holds all that the kernel counts. */
  metUnseen(met: MetPackets, nowMs: number): void {
    const before = this.#metBefore;
    const named = new Map<string, number>();
    for (const [key, packets] of met) {
      const [application = "", address = ""] = key.split(" ");
      const decider = deciderOf(this.#policy, address);
      if (decider === undefined && deviceOf(this.#policy, address) === undefined) continue;
      named.set(key, packets);
      const isNew = before !== undefined && packets > (before.get(key) ?? 0);
      const isRefused = (decider?.policy ?? "block") === "block";
      if (!isNew || !isRefused || this.#entries.has(key) || this.#open.has(key)) continue;
      const rule = ruleOf(decider);
      this.#note(
        nowMs,
        { address, application, treatment: "refused", why: SEEN_BY_KERNEL, rule },
        { flows: 0, packets },
      );
    }
    this.#metBefore = named;
  }

  get blocks(): GateBlock[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry }));
  }

  #forget(key: string): void {
    if (this.#entries.delete(key)) this.version += 1;
  }

  #note(
    nowMs: number,
    found: Pick<GateBlock, "address" | "application" | "treatment" | "why" | "rule">,
    counted: Pick<GateBlock, "flows" | "packets"> = { flows: 1, packets: 0 },
  ): void {
    const key = metKey(found.application, found.address);
    const before = this.#entries.get(key);
    const isSame = before?.treatment === found.treatment && before.rule === found.rule;
    this.#entries.delete(key);
    this.#entries.set(key, {
      ...found,
      deviceId: deviceOf(this.#policy, found.address) ?? null,
      zone: zoneOf(this.#policy, found.address)?.name ?? null,
      sinceMs: isSame ? before.sinceMs : nowMs,
      lastMs: nowMs,
      flows: (isSame ? before.flows : 0) + counted.flows,
      packets: before?.packets ?? counted.packets,
    });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > GATE_BLOCKS_MAX && oldest !== undefined) this.#entries.delete(oldest);
    this.version += 1;
  }
}

function ruleOf(decider: ReturnType<typeof deciderOf>): string {
  return decider === undefined ? "in no zone: block" : zoneComment(decider.name, decider.policy);
}

/** The client's end of a flow: what the policy names, else what no stranger on the Internet has, else who began. */
export function insideOf(policy: GatePolicy, line: Pick<FlowLine, "src" | "dst">): string {
  const ends = [line.src, line.dst];
  const named = ends.find((end) => deciderOf(policy, end) !== undefined || deviceOf(policy, end) !== undefined);
  return named ?? ends.find((end) => /^(private|uniqueLocal|linkLocal)$/.test(ipaddr.parse(end).range())) ?? line.src;
}
