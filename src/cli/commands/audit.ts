// `swarmgate audit`: proves from the data folder alone that the record is what was written, and writes it out.

import type { Command } from "commander";
import { FailureError, failure } from "../../base/failure.ts";
import type { AuditFormat } from "../../portal/audit/export.ts";
import { exportRecord, verifyAudit } from "../../portal/offline.ts";
import { openSqlite } from "../../world/real/sqlite.ts";
import { dataFolder } from "../data-folder.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";

type Options = OutputOptions & { readonly data?: string };

const openForReading = (path: string) => openSqlite(path, "read");

export function command(command: Command): void {
  command
    .command("verify")
    .description("check every record, the chain, the signed end and the checkpoints")
    .option("--data <dir>", "folder of the portal's data")
    .option("--checkpoint <file>", "checkpoints that were kept elsewhere")
    .action(async (options: Options & { readonly checkpoint?: string }) => {
      process.exitCode = await verify(options);
    });
  command
    .command("export")
    .description("print the whole record")
    .option("--data <dir>", "folder of the portal's data")
    .option("--format <format>", "jsonl or csv", "jsonl")
    .action(async (options: Options & { readonly format: string }) => {
      process.exitCode = await print(options);
    });
}

async function verify(options: Options & { readonly checkpoint?: string }): Promise<number> {
  const checked = await verifyAudit(dataFolder(options.data), options.checkpoint, openForReading);
  if (!checked.ok) return printFailure(checked.error, options);
  const { records, hash, checkpoints } = checked.value;
  printResult(
    { records, hash, checkpoints },
    `All ${records} records are what was written; ${checkpoints} checkpoints agree.\nThe last hash is ${hash}.`,
    options,
  );
  return 0;
}

async function print(options: Options & { readonly format: string }): Promise<number> {
  if (options.format !== "jsonl" && options.format !== "csv") {
    throw new FailureError(failure("cli.usage_wrong", { detail: "--format takes jsonl or csv" }));
  }
  const format: AuditFormat = options.format;
  const done = await exportRecord(dataFolder(options.data), format, openForReading, write);
  return done.ok ? 0 : printFailure(done.error, options);
}

function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
