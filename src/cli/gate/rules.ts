// `swarmgate gate rules`: what is loaded in the kernel, why, and what it has met so far.

import type { Command } from "commander";
import { type LoadedRules, loadedRules } from "../../gate/enforce/loaded-rules.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";

export function rulesCommand(command: Command): void {
  command.description("print the rules that the kernel holds, and why").action(async (options: OutputOptions) => {
    const loaded = await loadedRules();
    if (loaded.ok) printResult(loaded.value, rulesText(loaded.value), options);
    else process.exitCode = printFailure(loaded.error, options);
  });
}

function rulesText(loaded: LoadedRules): string {
  const lines = [`mode: ${loaded.mode}`];
  for (const { chain, why, packets, bytes } of loaded.rules)
    lines.push(`${chain}: ${why} (${packets} packets, ${bytes} bytes)`);
  for (const [name, count] of Object.entries(loaded.elements)) lines.push(`${name}: ${count} elements`);
  return lines.join("\n");
}
