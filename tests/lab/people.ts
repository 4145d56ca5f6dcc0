// The people of a test: whoever started the institution asks as a member would; somebody else decides.

import assert from "node:assert/strict";
import { until } from "./deadline.ts";
import type { Institution } from "./institution.ts";
import { runCommand } from "./swarmgate.ts";

const PASSWORD = "correct horse battery staple";

/** Creates a reviewer by the API and signs the command line in as that person; gives the token of whoever began. */
export async function hireReviewer(institution: Institution): Promise<string> {
  const token = await institution.signInByLink();
  const body = { login: "rosa", name: "Rosa Reviewer", roles: ["reviewer"], password: PASSWORD };
  const created = await institution.api("POST", "/api/v1/people", { token, body });
  assert.equal(created.status, 200, JSON.stringify(created.body));
  const signedIn = await command(institution, ["sign-in", "--portal", institution.url, "--login", "rosa"]);
  assert.equal(signedIn.code, 0, signedIn.stderr + signedIn.stdout);
  return token;
}

/** Runs a command of the person at the institution's machine, with the reviewer's password at hand. */
export function command(
  institution: Institution,
  args: readonly string[],
  withinMs = 60_000,
): ReturnType<typeof runCommand> {
  return runCommand(institution.host, institution.dataFolder, args, {
    env: { SWARMGATE_PASSWORD: PASSWORD },
    withinMs,
  });
}

/** The reviewer approves the request for the named content, once it is there. */
export async function approve(institution: Institution, name: string): Promise<void> {
  const id = await until(`a request for ${name} waits`, async () => {
    const listed = await command(institution, ["request", "list", "--scope", "decide"]);
    return new RegExp(`R-\\d+(?=[^\\n]*${name})`).exec(listed.stdout)?.[0];
  });
  const approved = await command(institution, ["request", "approve", id, "--reason", "wanted for teaching"]);
  assert.equal(approved.code, 0, approved.stdout + approved.stderr);
}
