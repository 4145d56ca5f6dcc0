// The whole program as people start it: one command, its links read from what it prints, ended with the test.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { repositoryRoot } from "../../scripts/repository.ts";
import { withDeadline } from "../lab/deadline.ts";

const START_MS = 60_000;

export type RunningProgram = {
  readonly url: string;
  readonly dataDir: string;
  /** One-time sign-in link by role. */
  readonly links: Readonly<Record<"administrator" | "member" | "reviewer", string>>;
};

type Announcement = {
  readonly url: string;
  readonly signInLink: string;
  readonly people: readonly { readonly role: string; readonly signInLink: string }[];
};

export async function startDemoProgram(t: TestContext): Promise<RunningProgram> {
  const dataDir = mkdtempSync(join(tmpdir(), "swarmgate-browser-"));
  const child = spawn(
    join(repositoryRoot, "bin", "swarmgate"),
    ["up", "--demo", "--json", "--port", "0", "--data", dataDir],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4_000)));
  t.after(async () => {
    await ended(child);
    rmSync(dataDir, { recursive: true, force: true });
  });
  const line = await withDeadline(firstLine(child), START_MS, () => `the program did not start: ${complaints}`);
  const { url, signInLink, people } = JSON.parse(line) as Announcement;
  const linkOf = (role: string): string => people.find((person) => person.role === role)?.signInLink ?? "";
  return {
    url,
    dataDir,
    links: { administrator: signInLink, member: linkOf("member"), reviewer: linkOf("reviewer") },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout !== null) createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the program ended with ${code}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}
