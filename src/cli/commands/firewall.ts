// `swarmgate firewall rules`: what this device's own firewall must open for its own grants, and no more.

import type { Command } from "commander";
import { failure } from "../../base/failure.ts";
import { FIREWALL_FORMATS, firewallRules, openingsOf } from "../../gate/endpoint/firewall-rules.ts";
import { familyOf } from "../../gate/enforce/policy.ts";
import { type GrantOptions, readOwnGrants, withGrantOptions } from "../gate/own-grants.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";

type FirewallOptions = OutputOptions &
  GrantOptions & { readonly format: string; readonly port: string; readonly from?: readonly string[] };

export function command(command: Command): void {
  withGrantOptions(command.command("rules"))
    .description("write the least rules that this device's grants need")
    .requiredOption("--format <format>", FIREWALL_FORMATS.join(", "))
    .option("--port <number>", "the port on which this device's engine listens", "6881")
    .option("--from <networks...>", "the institution's networks, from which closed swarms are called")
    .action(async (options: FirewallOptions) => {
      process.exitCode = await rules(options);
    });
}

async function rules(options: FirewallOptions): Promise<number> {
  const format = FIREWALL_FORMATS.find((one) => one === options.format);
  const port = Number(options.port);
  const networks = options.from ?? [];
  const wrong =
    format === undefined
      ? `--format is one of ${FIREWALL_FORMATS.join(", ")}`
      : !Number.isInteger(port) || port < 1 || port > 65_535
        ? "--port takes a number from 1 to 65535"
        : networks.find((network) => familyOf(network) === undefined);
  if (format === undefined || wrong !== undefined) {
    return printFailure(failure("cli.usage_wrong", { detail: wrong ?? "" }), options);
  }
  const grants = await readOwnGrants(options);
  if (!grants.ok) return printFailure(grants.error, options);
  const openings = openingsOf(grants.value, port, networks);
  printResult({ format, openings }, firewallRules(format, openings).trimEnd(), options);
  return 0;
}
