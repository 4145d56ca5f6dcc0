// `swarmgate endpoint`: which peer-to-peer clients a managed computer has, and rules that keep unlicensed ones from running.

import type { Command } from "commander";
import { failure } from "../../base/failure.ts";
import { auditComputer, type Finding } from "../../gate/endpoint/audit.ts";
import { CLIENTS } from "../../gate/endpoint/clients.ts";
import { RULE_FORMATS, ruleFile } from "../../gate/endpoint/rule-files.ts";
import { type GrantOptions, readOwnGrants, withGrantOptions } from "../gate/own-grants.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";

type RuleOptions = OutputOptions & { readonly format: string; readonly licensed?: readonly string[] };

export function command(command: Command): void {
  withGrantOptions(command.command("audit"))
    .description("list installed and running peer-to-peer clients, and which no grant covers")
    .action(async (options: OutputOptions & GrantOptions) => {
      process.exitCode = await audit(options);
    });
  command
    .command("rules")
    .description("write rules that block peer-to-peer clients by name and place")
    .requiredOption("--format <format>", RULE_FORMATS.join(", "))
    .option("--licensed <names...>", "clients that may run, by their names in the audit")
    .action((options: RuleOptions) => {
      process.exitCode = rules(options);
    });
}

async function audit(options: OutputOptions & GrantOptions): Promise<number> {
  const grants = await readOwnGrants(options);
  if (!grants.ok) return printFailure(grants.error, options);
  const granted = new Set<string>(grants.value.map((grant) => grant.app));
  const findings = auditComputer("/").map((finding) => ({
    ...finding,
    granted: finding.applications.some((application) => granted.has(application)),
  }));
  const text = findings.length === 0 ? "No peer-to-peer client was found." : findings.map(findingText).join("\n");
  printResult({ findings }, text, options);
  return 0;
}

function findingText(finding: Finding & { readonly granted: boolean }): string {
  const place = finding.pid === undefined ? finding.what : `${finding.what} (process ${finding.pid})`;
  const ports =
    finding.ports === undefined || finding.ports.length === 0 ? "" : `, listening on ${finding.ports.join(", ")}`;
  return `${finding.client}: ${finding.found} ${place}${ports}: ${finding.granted ? "covered by a grant" : "no grant"}`;
}

function rules(options: RuleOptions): number {
  const format = RULE_FORMATS.find((one) => one === options.format);
  if (format === undefined) {
    return printFailure(
      failure("cli.usage_wrong", { detail: `--format is one of ${RULE_FORMATS.join(", ")}` }),
      options,
    );
  }
  const licensed = new Set((options.licensed ?? []).map((name) => name.toLowerCase()));
  const blocked = CLIENTS.filter((client) => !licensed.has(client.name.toLowerCase()));
  const text = ruleFile(format, blocked);
  printResult({ format, clients: blocked.map((client) => client.name), text }, text.trimEnd(), options);
  return 0;
}
