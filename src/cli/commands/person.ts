// `swarmgate person`: accounts, made and listed by an administrator who signed in.

import type { Command } from "commander";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { isRole, type Role } from "../../domain/person.ts";
import type { Person } from "../../wire/api/v1/person.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import { inert } from "../inert-text.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";
import { type PortalClient, type PortalOptions, signedInClient } from "../portal-client.ts";

type Options = OutputOptions & PortalOptions;
type AddOptions = Options & { readonly name?: string; readonly roles: string; readonly email?: string };

export function command(command: Command): void {
  portalOptions(command.command("add").argument("<login>", "name to sign in with"))
    .description("create an account and print a one-time sign-in link for it")
    .option("--name <name>", "the person's name")
    .option("--email <address>", "for messages")
    .option("--roles <list>", "comma-separated: member, reviewer, publisher, network-officer, administrator", "member")
    .action(async (login: string, options: AddOptions) => {
      process.exitCode = await add(login, options);
    });
  portalOptions(command.command("list"))
    .description("list the accounts")
    .option("--search <text>", "a part of a name")
    .action(async (options: Options & { readonly search?: string }) => {
      process.exitCode = await list(options);
    });
  portalOptions(command.command("link").argument("<login>", "whose account"))
    .description("print a one-time sign-in link for an account")
    .action(async (login: string, options: Options) => {
      process.exitCode = await link(login, options);
    });
}

async function add(login: string, options: AddOptions): Promise<number> {
  const roles = readRoles(options.roles);
  if (!roles.ok) return printFailure(roles.error, options);
  const client = signedInClient(options);
  if (!client.ok) return printFailure(client.error, options);
  const { name = login, email } = options;
  const body = { login, name, roles: roles.value, ...(email === undefined ? {} : { email }) };
  const person = await client.value.call(ROUTES.addPerson, { body });
  return person.ok ? printLink(client.value, person.value, options) : printFailure(person.error, options);
}

async function list(options: Options & { readonly search?: string }): Promise<number> {
  const client = signedInClient(options);
  if (!client.ok) return printFailure(client.error, options);
  const found = await client.value.call(ROUTES.listPeople, { query: { q: options.search } });
  if (!found.ok) return printFailure(found.error, options);
  const lines = found.value.people.map(
    (person) =>
      `${person.id}  ${person.login.padEnd(20)}  ${person.disabled ? "disabled" : person.roles.join(",")}  ${inert(person.name)}`,
  );
  printResult(found.value, lines.join("\n"), options);
  return 0;
}

async function link(login: string, options: Options): Promise<number> {
  const client = signedInClient(options);
  if (!client.ok) return printFailure(client.error, options);
  const found = await client.value.call(ROUTES.listPeople, { query: { q: login } });
  if (!found.ok) return printFailure(found.error, options);
  const person = found.value.people.find((one) => one.login === login || one.id === login);
  if (person === undefined) {
    return printFailure(failure("portal.thing_unknown", { what: "person", id: login }), options);
  }
  return printLink(client.value, person, options);
}

async function printLink(client: PortalClient, person: Person, options: OutputOptions): Promise<number> {
  const issued = await client.call(ROUTES.issueSignInLink, { id: person.id });
  if (!issued.ok) return printFailure(issued.error, options);
  const { url, expiresAtMs } = issued.value;
  const until = new Date(expiresAtMs).toLocaleString();
  printResult(
    { person, signInLink: url, expiresAtMs },
    `${person.id}  ${person.login}\nSign in once, until ${until}: ${url}`,
    options,
  );
  return 0;
}

function readRoles(text: string): Result<Role[], Failure> {
  const words = text.split(",").map((word) => word.trim());
  const roles = words.filter(isRole);
  if (roles.length === words.length) return ok(roles);
  return err(failure("cli.usage_wrong", { detail: `there is no role ${words.find((word) => !isRole(word)) ?? ""}` }));
}

function portalOptions(command: Command): Command {
  return command
    .option("--portal <url>", "the portal, when you are signed in at several")
    .option("--data <dir>", "folder in which sign-in kept the session");
}
