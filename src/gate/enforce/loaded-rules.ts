// What the kernel really holds, read back from it: the only truthful answer to "what is blocked, and why".

import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { APPLICATIONS } from "../why.ts";
import { type MetPackets, metKey } from "./block-book.ts";
import type { Mode } from "./mode.ts";
import { ENFORCING_SET, FAMILIES, type Family, metSet } from "./names.ts";
import { type NftCode, readRules } from "./nft.ts";
import { REFUSE_CHAIN, REFUSED_COMMENT } from "./policy-rules.ts";
import type { KernelQuota } from "./quota-book.ts";

export type LoadedRule = {
  readonly chain: string;
  readonly why: string;
  readonly packets: number;
  readonly bytes: number;
};
/** An address whose traffic met the rules of an application without a grant, or beyond its quota. */
export type MetAddress = {
  readonly address: string;
  readonly application: string;
  readonly packets: number;
  readonly bytes: number;
};
export type LoadedQuota = {
  readonly name: string;
  readonly limitBytes: number;
  readonly usedBytes: number;
  readonly isOver: boolean;
};
export type LoadedRules = {
  readonly mode: Mode;
  /** Every rule that counts, in the order in which packets meet them. */
  readonly rules: readonly LoadedRule[];
  /** How many elements each set and map holds, empty ones left out. */
  readonly elements: Readonly<Record<string, number>>;
  readonly quotas: readonly LoadedQuota[];
  /** Both ends of what was met, within the last hour. */
  readonly met: readonly MetAddress[];
};

type Counter = { readonly packets: number; readonly bytes: number };
type Counted = { readonly elem?: { readonly val: unknown; readonly counter?: Counter } };
type SetEntry = { readonly name: string; readonly elem?: readonly unknown[] };
type Entry = {
  readonly rule?: { chain: string; comment?: string; expr: readonly { counter?: Counter }[] };
  readonly set?: SetEntry;
  readonly map?: SetEntry;
  readonly quota?: KernelQuota;
};
type Listed = { readonly nftables: readonly Entry[] };

const APPLICATION_OF_SET: ReadonlyMap<string, string> = new Map(
  APPLICATIONS.flatMap((application) => FAMILIES.map((family) => [metSet(application, family), application])),
);

export async function loadedRules(): Promise<Result<LoadedRules, Failure<NftCode>>> {
  const listed = await readRules(["list", "table", "inet", "swarmgate"]);
  if (!listed.ok) return listed;
  const { nftables } = JSON.parse(listed.value) as Listed;
  const elements: Record<string, number> = {};
  const rules: LoadedRule[] = [];
  for (const entry of nftables) {
    const set = entry.set ?? entry.map;
    if (set?.elem !== undefined) elements[set.name] = set.elem.length;
    if (entry.rule === undefined) continue;
    const counter = counterOf(entry.rule);
    if (counter !== undefined) rules.push({ chain: entry.rule.chain, why: entry.rule.comment ?? "", ...counter });
  }
  const quotas = nftables.flatMap(({ quota }) => (quota === undefined ? [] : [loadedQuota(quota)]));
  const met = nftables.flatMap(({ set }) => (set === undefined ? [] : metAddresses(set)));
  return ok({ mode: elements[ENFORCING_SET] === undefined ? "observe" : "enforce", rules, elements, quotas, met });
}

export type Met = { readonly application: string; readonly address: string };

/** How many packets the kernel has refused since the rules were loaded. */
export async function refusedPackets(): Promise<Result<number, Failure<NftCode>>> {
  const listed = await readRules(["list", "chain", "inet", "swarmgate", REFUSE_CHAIN]);
  if (!listed.ok) return listed;
  const { nftables } = JSON.parse(listed.value) as Listed;
  const refusals = nftables.filter(({ rule }) => rule?.comment === REFUSED_COMMENT);
  const counters = refusals.map(({ rule }) => counterOf(rule)?.packets ?? 0);
  return ok(counters.reduce((sum, packets) => sum + packets, 0));
}

/** What was counted for applications of those who are named, or of all: flows, of which there may be very many, are not listed. */
export async function metPackets(named: readonly Met[] | "all"): Promise<Result<MetPackets, Failure<NftCode>>> {
  const met = new Map<string, number>();
  const counted = APPLICATIONS.flatMap((application) =>
    FAMILIES.filter((family) => named === "all" || named.some((one) => isOf(one, application, family))).map((family) =>
      metSet(application, family),
    ),
  );
  for (const name of counted) {
    const listed = await readRules(["list", "set", "inet", "swarmgate", name]);
    if (!listed.ok) return listed;
    const { nftables } = JSON.parse(listed.value) as Listed;
    for (const { set } of nftables) {
      if (set === undefined) continue;
      for (const one of metAddresses(set)) met.set(metKey(one.application, one.address), one.packets);
    }
  }
  return ok(met);
}

function isOf(one: Met, application: string, family: Family): boolean {
  return one.application === application && one.address.includes(":") === (family === 6);
}

function counterOf(rule: Entry["rule"]): Counter | undefined {
  return rule?.expr.find((part) => part.counter !== undefined)?.counter;
}

function metAddresses(set: SetEntry): MetAddress[] {
  const application = APPLICATION_OF_SET.get(set.name);
  if (application === undefined) return [];
  return ((set.elem ?? []) as readonly Counted[]).flatMap(({ elem }) => {
    if (typeof elem?.val !== "string" || elem.counter === undefined) return [];
    const { packets, bytes } = elem.counter;
    return [{ address: elem.val, application, packets, bytes }];
  });
}

function loadedQuota({ name, bytes, used }: KernelQuota): LoadedQuota {
  return { name, limitBytes: bytes, usedBytes: used, isOver: used >= bytes };
}
