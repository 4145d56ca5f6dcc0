// `swarmgate firewall rules`: what this device's own firewall must open for its own grants, and no more.

import type { Command } from "commander";
import { failure } from "../../base/failure.ts";
import { parseEndpoint } from "../../domain/address/endpoint.ts";
import { FIREWALL_FORMATS, firewallRules } from "../../gate/endpoint/firewall/firewall-rules.ts";
import { openingsOf } from "../../gate/endpoint/firewall/plan.ts";
import { familyOf } from "../../gate/enforce/policy.ts";
import { LOCAL_ROUTES } from "../../wire/local/routes.ts";
import { realClock } from "../../world/real/clock.ts";
import { type GrantOptions, readOwnGrants, withGrantOptions } from "../gate/own-grants.ts";
import { NodeClient } from "../node/client.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";

type FirewallOptions = OutputOptions &
  GrantOptions & { readonly format: string; readonly port?: string; readonly from?: readonly string[] };

export function command(command: Command): void {
  withGrantOptions(command.command("rules"))
    .description("write the least rules that this device's grants need")
    .requiredOption("--format <format>", FIREWALL_FORMATS.join(", "))
    .option("--port <number>", "the port on which this device's engine listens; default the running node's")
    .option("--from <networks...>", "the institution's networks, from which closed swarms are called")
    .action(async (options: FirewallOptions) => {
      process.exitCode = await rules(options);
    });
}

async function rules(options: FirewallOptions): Promise<number> {
  const format = FIREWALL_FORMATS.find((one) => one === options.format);
  if (format === undefined) return refuse(`--format is one of ${FIREWALL_FORMATS.join(", ")}`, options);
  const networks = options.from ?? [];
  const wrong = networks.find((network) => familyOf(network) === undefined);
  if (wrong !== undefined) return refuse(`${wrong} is no network such as 10.0.0.0/8 or 2001:db8::/32`, options);
  const port = options.port === undefined ? await portOfNode(options) : Number(options.port);
  if (port === undefined) return refuse("the node does not run, so its port is unknown: give --port", options);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return refuse("--port takes a number from 1 to 65535", options);
  }
  const grants = await readOwnGrants(options);
  if (!grants.ok) return printFailure(grants.error, options);
  const openings = openingsOf(grants.value, networks);
  if (!openings.ok) return printFailure(openings.error, options);
  const plan = { port, nowMs: realClock.wallMs(), openings: openings.value };
  const text = firewallRules(format, plan);
  printResult({ format, port, openings: plan.openings, text }, text.trimEnd(), options);
  return 0;
}

/** Where the running node listens. */
async function portOfNode(options: GrantOptions): Promise<number | undefined> {
  const status = await new NodeClient(options.data).call(LOCAL_ROUTES.status);
  const place = status.ok ? parseEndpoint(status.value.listening[0] ?? "") : undefined;
  return place?.port;
}

function refuse(detail: string, options: OutputOptions): number {
  return printFailure(failure("cli.usage_wrong", { detail }), options);
}
