// `swarmgate gate rules`: what is loaded in the kernel, why, what it has met so far, who is blocked since when, and who is
// over a quota.

import type { Command } from "commander";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { type LoadedRules, loadedRules } from "../../gate/enforce/loaded-rules.ts";
import { StateFolder } from "../../gate/enforce/state-folder.ts";
import type { GateBlock } from "../../wire/api/v1/gate.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";
import { STATE_FOLDER } from "./run.ts";

type RulesOptions = OutputOptions & { readonly state: string; readonly address?: string };
type Shown = LoadedRules & { readonly blocks: readonly GateBlock[] };

export function rulesCommand(command: Command): void {
  command
    .description("print the rules that the kernel holds, and why")
    .option("--state <folder>", "where the running gate keeps the list of blocked addresses", STATE_FOLDER)
    .option("--address <address>", "only who is blocked at this address, and what it met")
    .action(async (options: RulesOptions) => {
      const shown = await readShown(options);
      if (shown.ok) printResult(shown.value, rulesText(shown.value), options);
      else process.exitCode = printFailure(shown.error, options);
    });
}

async function readShown({ state, address }: RulesOptions): Promise<Result<Shown, Failure>> {
  const loaded = await loadedRules();
  if (!loaded.ok) return loaded;
  const blocks = new StateFolder(state).blocks();
  if (!blocks.ok) return blocks;
  const concerns = (one: { readonly address: string }): boolean => address === undefined || one.address === address;
  const met = loaded.value.met.filter(concerns);
  return ok({ ...loaded.value, met, blocks: blocks.value.filter(concerns) });
}

function rulesText({ mode, rules, elements, quotas, met, blocks }: Shown): string {
  const lines = [`mode: ${mode}`];
  for (const { chain, why, packets, bytes } of rules)
    lines.push(`${chain}: ${why} (${packets} packets, ${bytes} bytes)`);
  for (const [name, count] of Object.entries(elements)) lines.push(`${name}: ${count} elements`);
  for (const { name, usedBytes, limitBytes, isOver } of quotas)
    lines.push(`quota ${name}: ${usedBytes} of ${limitBytes} bytes${isOver ? ", used up" : ""}`);
  for (const { address, application, packets } of met)
    lines.push(`met ${address}: ${application} without an open grant (${packets} packets)`);
  for (const { address, application, treatment, rule, why, sinceMs } of blocks)
    lines.push(
      `${treatment} ${address}: ${application}, by "${rule}", since ${new Date(sinceMs).toISOString()}: ${why.sentence}`,
    );
  return lines.join("\n");
}
