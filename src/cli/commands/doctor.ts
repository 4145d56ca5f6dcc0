// `swarmgate doctor`: what works, what does not, why, and what to do. Exit 1 when something is wrong.

import { lstatSync } from "node:fs";
import type { Command } from "commander";
import { failure } from "../../base/failure.ts";
import { entryOf, sentenceOf } from "../../domain/errors/table.ts";
import { LOCAL_ROUTES } from "../../wire/local/routes.ts";
import type { Check } from "../../wire/local/status.ts";
import { dataFolder } from "../data-folder.ts";
import type { NodeCommandOptions } from "../node/act.ts";
import { NodeClient } from "../node/client.ts";
import { printResult } from "../output.ts";

export function command(command: Command): void {
  command.option("--data <dir>", "folder of the node's data").action(async (options: NodeCommandOptions) => {
    const checks = [checkDataFolder(options), ...(await nodeChecks(options))];
    printResult({ ok: checks.every((check) => check.ok), checks }, checks.map(checkText).join("\n"), options);
    if (!checks.every((check) => check.ok)) process.exitCode = 1;
  });
}

async function nodeChecks(options: NodeCommandOptions): Promise<Check[]> {
  const result = await new NodeClient(options.data).call(LOCAL_ROUTES.checks);
  if (result.ok)
    return [{ name: "node", ok: true, what: "The node is running.", why: null, next: null }, ...result.value.checks];
  const { code } = result.error;
  const what = code === "node.not_joined" ? "The node has joined an institution." : "The node is running.";
  return [{ name: "node", ok: false, what, why: sentenceOf(result.error), next: entryOf(code).next }];
}

function checkDataFolder(options: NodeCommandOptions): Check {
  const folder = dataFolder(options.data);
  const what = `The data folder ${folder} is there.`;
  try {
    if (lstatSync(folder).isDirectory()) return { name: "data", ok: true, what, why: null, next: null };
  } catch {
    const missing = failure("cli.file_missing", { path: folder });
    return { name: "data", ok: false, what, why: sentenceOf(missing), next: entryOf(missing.code).next };
  }
  return { name: "data", ok: false, what, why: "It is not a folder.", next: "Give a folder with --data." };
}

function checkText(check: Check): string {
  if (check.ok) return `✓ ${check.what}`;
  return `✗ ${check.what}\n    ${check.why ?? ""}\n    ${check.next ?? ""}`;
}
