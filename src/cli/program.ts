// Builds the command tree: all names for `--help`, the options only of the command that was asked for.

import { Command, CommanderError } from "commander";
import { FailureError, failure } from "../base/failure.ts";
import type { CommandEntry } from "./commands.ts";

/** `wanted` is the first word of the command line; only that command's file is loaded. */
export async function buildProgram(entries: readonly CommandEntry[], wanted: string | undefined): Promise<Command> {
  const program = new Command("swarmgate")
    .description("Peer-to-peer transfer for institutions: refused until approved, held until scanned, on the record.")
    .version("0.1.0")
    .showSuggestionAfterError();
  for (const entry of entries) {
    const command = program.command(entry.name).description(entry.summary);
    if (entry.name === wanted) {
      const file = await entry.load();
      file.command(command);
    }
  }
  for (const command of everyCommand(program)) {
    if (command !== program) withCommonOptions(command);
    command.exitOverride(refuseUsage).configureOutput({ outputError: () => undefined });
  }
  return program;
}

function withCommonOptions(command: Command): void {
  if (command.commands.length > 0) return;
  command.option("--json", "print one JSON value (or one a line for streams) on stdout");
  command.option("--quiet", "print nothing but the result");
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

// Commander exits with 1 for wrong usage; the contract says 2, and help is not an error.
function refuseUsage(error: CommanderError): never {
  if (error.exitCode === 0) process.exit(0);
  if (error.code === "commander.help") process.exit(2);
  throw new FailureError(
    failure("cli.usage_wrong", {
      detail: error.message
        .replace(/^error: /, "")
        .replaceAll(/\s+/g, " ")
        .replace(/\.$/, ""),
    }),
  );
}
