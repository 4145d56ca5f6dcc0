// What the kernel really holds, read back from it: the only truthful answer to "what is blocked, and why".

import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import type { Mode } from "./mode.ts";
import { type NftCode, readRules } from "./nft.ts";
import { ENFORCING_SET } from "./ruleset.ts";

export type LoadedRule = {
  readonly chain: string;
  readonly why: string;
  readonly packets: number;
  readonly bytes: number;
};
export type LoadedRules = {
  readonly mode: Mode;
  /** Every rule that counts, in the order in which packets meet them. */
  readonly rules: readonly LoadedRule[];
  /** How many elements each set and map holds, empty ones left out. */
  readonly elements: Readonly<Record<string, number>>;
};

type Counter = { readonly packets: number; readonly bytes: number };
type Entry = {
  readonly rule?: { chain: string; comment?: string; expr: readonly { counter?: Counter }[] };
  readonly set?: { name: string; elem?: readonly unknown[] };
  readonly map?: { name: string; elem?: readonly unknown[] };
};

export async function loadedRules(): Promise<Result<LoadedRules, Failure<NftCode>>> {
  const listed = await readRules(["list", "table", "inet", "swarmgate"]);
  if (!listed.ok) return listed;
  const { nftables } = JSON.parse(listed.value) as { readonly nftables: readonly Entry[] };
  const elements: Record<string, number> = {};
  const rules: LoadedRule[] = [];
  for (const entry of nftables) {
    const set = entry.set ?? entry.map;
    if (set?.elem !== undefined) elements[set.name] = set.elem.length;
    if (entry.rule === undefined) continue;
    const counter = entry.rule.expr.find((part) => part.counter !== undefined)?.counter;
    if (counter !== undefined) rules.push({ chain: entry.rule.chain, why: entry.rule.comment ?? "", ...counter });
  }
  return ok({ mode: elements[ENFORCING_SET] === undefined ? "observe" : "enforce", rules, elements });
}
