// `swarmgate request`: asking and deciding from a terminal, as the person who signed in.

import type { Command } from "commander";
import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { RequestDetail } from "../../wire/api/v1/request.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";
import { type PortalClient, type PortalOptions, signedInClient } from "../portal-client.ts";
import { requestLine, requestText } from "../request/line.ts";
import { type NewOptions, newRequest } from "../request/new.ts";

type Options = OutputOptions & PortalOptions;
type ActOptions = Options & { readonly reason?: string; readonly atVersion?: string };

export function command(command: Command): void {
  newCommand(command.command("new").argument("<what>", "a .torrent file or a magnet link"));
  listCommand(command.command("list"));
  act(command.command("show").argument("<id>"), "show one request with its path", (client, id) =>
    client.call(ROUTES.showRequest, { id }),
  );
  decideCommand(command.command("approve").argument("<id>"), "approve", false);
  decideCommand(command.command("deny").argument("<id>"), "deny", true);
  decideCommand(command.command("ask").argument("<id>"), "ask", true);
  const withdraw = command.command("withdraw").argument("<id>").option("--reason <text>", "why");
  act(withdraw, "take your own request back", (client, id, { reason }) =>
    client.call(ROUTES.withdrawRequest, { id, body: reason === undefined ? {} : { reason } }),
  );
}

function newCommand(command: Command): void {
  portalOptions(command)
    .description("ask for content; get does the same and fetches it")
    .requiredOption("--reason <text>", "what you need it for")
    .option("--for <duration>", "how long, such as 12h or 7d", "7d")
    .option("--device <id>", "which of your devices; needed when you have several")
    .option("--share", "ask to share instead of to download")
    .option("--accept-policy", "you have read the acceptable-use policy")
    .action(async (what: string, options: Options & NewOptions) => {
      const client = signedInClient(options);
      process.exitCode = client.ok
        ? printRequest(await newRequest(client.value, what, options), options)
        : printFailure(client.error, options);
    });
}

function listCommand(command: Command): void {
  portalOptions(command)
    .description("list requests: yours, those to decide, or all")
    .option("--scope <scope>", "mine, decide or all", "mine")
    .option("--state <state>", "pending, approved, denied, withdrawn or lapsed")
    .option("--search <text>", "a part of a name, reason or hash")
    .action(async (options: Options & { scope: string; state?: string; search?: string }) => {
      const client = signedInClient(options);
      if (!client.ok) {
        process.exitCode = printFailure(client.error, options);
        return;
      }
      const query = { scope: options.scope, state: options.state, q: options.search, limit: "200" };
      const page = await client.value.call(ROUTES.listRequests, { query });
      if (page.ok) {
        const lines = page.value.requests.map(requestLine);
        printResult(page.value, lines.length === 0 ? "There are none." : lines.join("\n"), options);
      } else {
        process.exitCode = printFailure(page.error, options);
      }
    });
}

/** What is decided is what lies there now: the version is looked up right before, unless the caller names one. */
function decideCommand(command: Command, verb: "approve" | "deny" | "ask", reasonOwed: boolean): void {
  const route = { approve: ROUTES.approveRequest, deny: ROUTES.denyRequest, ask: ROUTES.askAboutRequest }[verb];
  const flags = "--reason <text>";
  const withReason = reasonOwed ? command.requiredOption(flags, "why") : command.option(flags, "why");
  withReason.option("--at-version <number>", "refuse when the request was changed after this version");
  const summary = { approve: "approve a request", deny: "deny a request", ask: "ask the person a question" }[verb];
  act(command, summary, async (client, id, options) => {
    const seen = await client.call(ROUTES.showRequest, { id });
    if (!seen.ok) return seen;
    const version = options.atVersion === undefined ? seen.value.version : Number(options.atVersion);
    return client.call(route, {
      id,
      body: { version, ...(options.reason === undefined ? {} : { reason: options.reason }) },
    });
  });
}

function act(
  command: Command,
  summary: string,
  run: (client: PortalClient, id: string, options: ActOptions) => Promise<Result<RequestDetail, Failure>>,
): void {
  portalOptions(command)
    .description(summary)
    .action(async (id: string, options: ActOptions) => {
      const client = signedInClient(options);
      process.exitCode = client.ok
        ? printRequest(await run(client.value, id, options), options)
        : printFailure(client.error, options);
    });
}

function printRequest(request: Result<RequestDetail, Failure>, options: OutputOptions): number {
  if (!request.ok) return printFailure(request.error, options);
  printResult(request.value, requestText(request.value), options);
  return 0;
}

function portalOptions(command: Command): Command {
  return command
    .option("--portal <url>", "the portal, when you are signed in at several")
    .option("--data <dir>", "folder in which sign-in kept the session");
}
