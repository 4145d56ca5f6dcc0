// `swarmgate quarantine`: what is held and why, and the two things that can be done with it.

import type { Command } from "commander";
import { LOCAL_ROUTES } from "../../wire/local/routes.ts";
import type { QuarantineEntry } from "../../wire/local/transfer.ts";
import { sayBytes } from "../byte-count.ts";
import { inert } from "../inert-text.ts";
import { act, type NodeCommandOptions } from "../node/act.ts";

export function command(quarantine: Command): void {
  quarantine
    .command("list")
    .description("What is held, and why.")
    .option("--data <dir>", "folder of the node's data")
    .action((options: NodeCommandOptions) =>
      act(
        options,
        (node) => node.call(LOCAL_ROUTES.quarantine),
        ({ entries }) => (entries.length === 0 ? "Nothing is held." : entries.map(entryLine).join("\n")),
      ),
    );
  withId(quarantine.command("show").description("One held file with its verdict.")).action(
    (id: string, options: NodeCommandOptions) =>
      act(options, (node) => node.call(LOCAL_ROUTES.held, { id }), entryText),
  );
  withId(quarantine.command("destroy").description("Delete a held file. This cannot be undone.")).action(
    (id: string, options: NodeCommandOptions) =>
      act(
        options,
        (node) => node.call(LOCAL_ROUTES.destroy, { id }),
        (done) => done.says,
      ),
  );
  withId(
    quarantine.command("release").description("Scan a held file again, and release it if it is clean now."),
  ).action((id: string, options: NodeCommandOptions) =>
    act(
      options,
      (node) => node.call(LOCAL_ROUTES.release, { id }),
      (done) => done.says,
    ),
  );
}

function withId(command: Command): Command {
  return command
    .argument("<id>", "the id that `quarantine list` shows")
    .option("--data <dir>", "folder of the node's data");
}

function entryLine(entry: QuarantineEntry): string {
  return [
    entry.id,
    entry.state.padEnd(10),
    sayBytes(entry.bytes).padEnd(9),
    inert(entry.fileName),
    inert(entry.why),
  ].join("  ");
}

function entryText(entry: QuarantineEntry): string {
  return [
    entryLine(entry),
    `  of ${inert(entry.name)} (${entry.transferId}), held since ${new Date(entry.heldSinceMs).toLocaleString()}`,
    `  sha256 ${entry.sha256 ?? "not known yet"}`,
    ...(entry.engine === null
      ? []
      : [`  ${inert(entry.engine)} (${inert(entry.signatureVersion ?? "")}): ${inert(entry.reason ?? "")}`]),
    ...(entry.within.length === 0 ? [] : [`  found in ${entry.within.map(inert).join(" › ")}`]),
  ].join("\n");
}
