// `swarmgate endpoint`: which peer-to-peer clients a managed computer has, and rules that keep unlicensed ones from running.

import { resolve } from "node:path";
import type { Command } from "commander";
import { failure } from "../../base/failure.ts";
import { auditComputer } from "../../gate/endpoint/audit.ts";
import { CLIENTS } from "../../gate/endpoint/clients.ts";
import type { Finding } from "../../gate/endpoint/finding.ts";
import { RULE_FORMATS, ruleFile } from "../../gate/endpoint/rules/rule-files.ts";
import { readSample, type Sample } from "../../gate/endpoint/rules/sample.ts";
import { type GrantOptions, readOwnGrants, withGrantOptions } from "../gate/own-grants.ts";
import { inert } from "../inert-text.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";

type AuditOptions = OutputOptions & GrantOptions & { readonly root: string };
type RuleOptions = OutputOptions & {
  readonly format: string;
  readonly licensed?: readonly string[];
  readonly block?: readonly string[];
};
const PLATFORMS = ["linux", "windows", "mac"] as const;

export function command(command: Command): void {
  withGrantOptions(command.command("audit"))
    .description("list installed and running peer-to-peer clients, and which no grant covers")
    .option("--root <dir>", "where the computer's files lie: another folder for a disk that is mounted there", "/")
    .action(async (options: AuditOptions) => {
      process.exitCode = await audit(options);
    });
  command
    .command("clients")
    .description("print the table of clients: their programs on Linux, Windows and macOS")
    .action((options: OutputOptions) => {
      process.exitCode = clients(options);
    });
  command
    .command("rules")
    .description("write rules that block peer-to-peer clients by publisher, hash, name and place")
    .requiredOption("--format <format>", RULE_FORMATS.join(", "))
    .option("--licensed <names...>", "clients that may run, by their names in the audit")
    .option("--block <files...>", "programs that were found, to be blocked by what they contain")
    .action((options: RuleOptions) => {
      process.exitCode = rules(options);
    });
}

async function audit(options: AuditOptions): Promise<number> {
  const grants = await readOwnGrants(options);
  if (!grants.ok) return printFailure(grants.error, options);
  const granted = new Set<string>(grants.value.map((grant) => grant.app));
  const { findings, unread } = auditComputer(resolve(options.root));
  const judged = findings.map((one) => ({
    ...one,
    granted: one.applications.some((application) => granted.has(application)),
  }));
  const said = judged.length === 0 ? ["No peer-to-peer client was found."] : judged.map(findingText);
  const missed = unread.map(({ what, why }) => `Not looked at: ${inert(what)}: ${inert(why)}.`);
  printResult({ findings: judged, unread }, [...said, ...missed].join("\n"), options);
  return 0;
}

function findingText(one: Finding & { readonly granted: boolean }): string {
  const process =
    one.pid === undefined ? "" : ` (process ${one.pid}${one.calls === undefined ? "" : `, called ${one.calls}`})`;
  const user = one.user === undefined ? "" : `, of ${one.user}`;
  const known = one.by === "content" ? ", known by its content" : "";
  const text = `${one.client}: ${one.found} ${one.what}${process}${user}${known}${socketsText(one)}`;
  return inert(`${text}: ${one.granted ? "covered by a grant" : "no grant"}`);
}

function socketsText({ found, sockets }: Finding): string {
  if (found !== "process") return "";
  if (sockets === undefined) return ", its sockets are hidden from you";
  const { listening, connected, connections } = sockets;
  const more = connections > connected.length ? ` and ${connections - connected.length} more` : "";
  return [
    listening.length === 0 ? "" : `, listening on ${listening.join(", ")}`,
    connections === 0 ? "" : `, connected to ${connected.join(", ")}${more}`,
  ].join("");
}

function rules(options: RuleOptions): number {
  const format = RULE_FORMATS.find((one) => one === options.format);
  if (format === undefined) {
    const detail = `--format is one of ${RULE_FORMATS.join(", ")}`;
    return printFailure(failure("cli.usage_wrong", { detail }), options);
  }
  const samples: Sample[] = [];
  for (const path of options.block ?? []) {
    try {
      samples.push(readSample(path));
    } catch (thrown) {
      return printFailure(failure("cli.file_missing", { path }, thrown), options);
    }
  }
  const licensed = new Set((options.licensed ?? []).map((name) => name.toLowerCase()));
  const clients = CLIENTS.filter((client) => !licensed.has(client.name.toLowerCase()));
  const text = ruleFile(format, { clients, samples });
  printResult({ format, clients: clients.map((client) => client.name), samples, text }, text.trimEnd(), options);
  return 0;
}

/** The table itself, for management tools of any system. */
function clients(options: OutputOptions): number {
  const text = CLIENTS.map((client) => {
    const programs = PLATFORMS.flatMap((platform) =>
      client[platform] === undefined ? [] : `${platform}: ${client[platform].join(", ")}`,
    );
    return `${client.name} (${client.applications.join(", ")}): ${programs.join("; ")}`;
  });
  printResult({ clients: CLIENTS }, text.join("\n"), options);
  return 0;
}
