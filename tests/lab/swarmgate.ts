// Our own command on a lab host.

import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";
import type { Host } from "./host.ts";
import type { Program } from "./program.ts";

export const SWARMGATE = join(repositoryRoot, "bin", "swarmgate");

export type CommandOutcome = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The values that it printed on stdout with --json, one a line. */
  readonly values: readonly Readonly<Record<string, unknown>>[];
};

export type CommandOptions = { readonly env?: Readonly<Record<string, string>>; readonly withinMs?: number };

/** Starts `swarmgate …`; its configuration lies in the lab's data folder, never in the person's own. */
export function startCommand(
  host: Host,
  dataFolder: string,
  args: readonly string[],
  options: CommandOptions = {},
): Program {
  return host.start(SWARMGATE, args, {
    env: {
      SWARMGATE_DATA: dataFolder,
      HOME: dataFolder,
      XDG_CONFIG_HOME: join(dataFolder, "config"),
      XDG_DATA_HOME: join(dataFolder, "share"),
      ...options.env,
    },
  });
}

/** Runs `swarmgate … --json` to its end. */
export async function runCommand(
  host: Host,
  dataFolder: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  using program = startCommand(host, dataFolder, [...args, "--json"], options);
  const { code } = await program.end(options.withinMs ?? 60_000);
  const values = program.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return { code, stdout: program.stdout, stderr: program.stderr, values };
}
