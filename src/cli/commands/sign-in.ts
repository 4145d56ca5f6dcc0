// `swarmgate sign-in`: opens a session at a portal, for reviewers and others who work from a terminal.

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Command } from "commander";
import { type Failure, failure } from "../../base/failure.ts";
import { err, type Result } from "../../base/result.ts";
import type { Session } from "../../wire/api/v1/person.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";
import { PortalClient } from "../portal-client.ts";
import { keepSession } from "../session-file.ts";

type Options = OutputOptions & {
  readonly portal?: string;
  readonly login?: string;
  readonly link?: string;
  readonly data?: string;
};

export function command(command: Command): void {
  command
    .option("--portal <url>", "address of the portal")
    .option("--login <name>", "name of the account; the password is asked for, or taken from SWARMGATE_PASSWORD")
    .option("--link <url>", "a one-time sign-in link instead of name and password")
    .option("--data <dir>", "keep the session in this folder")
    .action(async (options: Options) => {
      process.exitCode = await signIn(options);
    });
}

async function signIn(options: Options): Promise<number> {
  const opened = await openSession(options);
  if (!opened.ok) return printFailure(opened.error, options);
  const { url, session } = opened.value;
  const { person, token, expiresAtMs } = session;
  keepSession(options.data, { portal: url, login: person.login, token, expiresAtMs });
  const until = new Date(expiresAtMs).toLocaleString();
  printResult({ portal: url, person, expiresAtMs }, `Signed in at ${url} as ${person.name} until ${until}.`, options);
  return 0;
}

type Opened = { readonly url: string; readonly session: Session };

async function openSession(options: Options): Promise<Result<Opened, Failure>> {
  if (options.link !== undefined) {
    const token = options.link.split("#token=")[1];
    if (token === undefined || !URL.canParse(options.link))
      return usage("--link takes the whole link, with what follows #");
    const client = new PortalClient(new URL(options.link).origin, undefined);
    const session = await client.call(ROUTES.signInByLink, { body: { token } });
    return session.ok ? { ok: true, value: { url: client.url, session: session.value } } : session;
  }
  if (options.portal === undefined || !URL.canParse(options.portal))
    return usage("give the portal's address with --portal");
  if (options.login === undefined) return usage("give your name with --login, or a link with --link");
  const client = new PortalClient(new URL(options.portal).origin, undefined);
  const password = process.env["SWARMGATE_PASSWORD"] ?? (await askPassword());
  const session = await client.call(ROUTES.signIn, { body: { login: options.login, password } });
  return session.ok ? { ok: true, value: { url: client.url, session: session.value } } : session;
}

async function askPassword(): Promise<string> {
  process.stderr.write("Password: ");
  // The line is read without an echo: what is typed goes nowhere.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY });
  const password = await reader.question("");
  reader.close();
  process.stderr.write("\n");
  return password;
}

function usage(detail: string): Result<never, Failure> {
  return err(failure("cli.usage_wrong", { detail }));
}
