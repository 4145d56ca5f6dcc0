// `swarmgate grant`: which permissions there are, and how to take one back or give one back.

import type { Command } from "commander";
import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import { pathGlyphs } from "../../domain/path.ts";
import type { GrantDetail, GrantSummary } from "../../wire/api/v1/grant.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import { inert } from "../inert-text.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";
import { type PortalClient, type PortalOptions, signedInClient } from "../portal-client.ts";

type Options = OutputOptions & PortalOptions;

export function command(command: Command): void {
  portalOptions(command.command("list"))
    .description("list grants: yours, or all that you may see")
    .option("--scope <scope>", "mine or all", "mine")
    .option("--state <state>", "active, expired, revoked or returned")
    .action(async (options: Options & { scope: string; state?: string }) => {
      process.exitCode = await list(options);
    });
  oneGrant(command.command("show").argument("<id>"), "show one grant", (client, id) =>
    client.call(ROUTES.showGrant, { id }),
  );
  const revoke = command.command("revoke").argument("<id>").requiredOption("--reason <text>", "why");
  oneGrant(revoke, "revoke a grant: its transfers stop within seconds", (client, id, { reason = "" }) =>
    client.call(ROUTES.revokeGrant, { id, body: { reason } }),
  );
  const giveBack = command.command("return").argument("<id>").option("--reason <text>", "why", "No longer needed.");
  oneGrant(giveBack, "give your own grant back", (client, id, { reason = "" }) =>
    client.call(ROUTES.returnGrant, { id, body: { reason } }),
  );
}

async function list(options: Options & { readonly scope: string; readonly state?: string }): Promise<number> {
  const client = signedInClient(options);
  if (!client.ok) return printFailure(client.error, options);
  const query = { scope: options.scope, state: options.state, limit: "200" };
  const page = await client.value.call(ROUTES.listGrants, { query });
  if (!page.ok) return printFailure(page.error, options);
  const lines = page.value.grants.map(grantLine);
  printResult(page.value, lines.length === 0 ? "There are none." : lines.join("\n"), options);
  return 0;
}

function oneGrant(
  command: Command,
  summary: string,
  run: (
    client: PortalClient,
    id: string,
    options: { readonly reason?: string },
  ) => Promise<Result<GrantDetail, Failure>>,
): void {
  portalOptions(command)
    .description(summary)
    .action(async (id: string, options: Options & { readonly reason?: string }) => {
      const client = signedInClient(options);
      const grant = client.ok ? await run(client.value, id, options) : client;
      if (grant.ok) printResult(grant.value, grantText(grant.value), options);
      else process.exitCode = printFailure(grant.error, options);
    });
}

function grantLine(grant: GrantSummary): string {
  const until = new Date(grant.expiresAtMs).toLocaleString();
  return [grant.id, pathGlyphs(grant.path), grant.state.padEnd(8), `until ${until}`, inert(grant.content.name)].join(
    "  ",
  );
}

function grantText(grant: GrantDetail): string {
  return [
    grantLine(grant),
    `  for ${inert(grant.person.name)} on ${inert(grant.device.name)}, to ${grant.direction} by ${grant.application}`,
    `  asked with ${grant.requestId}, approved by ${grant.approvers.map((one) => inert(one.name)).join(" and ")}`,
    ...(grant.endedWhy === null ? [] : [`  ${inert(grant.endedWhy)}`]),
  ].join("\n");
}

function portalOptions(command: Command): Command {
  return command
    .option("--portal <url>", "the portal, when you are signed in at several")
    .option("--data <dir>", "folder in which sign-in kept the session");
}
