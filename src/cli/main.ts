// The entry point of `swarmgate`: finds the command's file, loads only that, and turns every outcome into an exit code.

import { FailureError, failure } from "../base/failure.ts";
import { COMMANDS } from "./commands.ts";
import { stopWhenOutputIsLost } from "./lost-output.ts";
import { printFailure } from "./output.ts";
import { buildProgram } from "./program.ts";

stopWhenOutputIsLost();
void main();

async function main(): Promise<void> {
  try {
    const wanted = process.argv.slice(2).find((word) => !word.startsWith("-"));
    const program = await buildProgram(COMMANDS, wanted);
    await program.parseAsync(process.argv);
  } catch (thrown) {
    const known = thrown instanceof FailureError ? thrown.failure : undefined;
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    process.exitCode = printFailure(known ?? failure("cli.internal_error", { detail }, thrown), {
      json: process.argv.includes("--json"),
    });
  }
}
