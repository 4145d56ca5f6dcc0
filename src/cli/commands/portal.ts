// `swarmgate portal`: serves requests, decisions, grants and the record until it is told to stop.

import type { Command } from "commander";
import { portalLogger } from "../../portal/logger.ts";
import { startPortal } from "../../portal/start.ts";
import { dataFolder } from "../data-folder.ts";
import { type OutputOptions, printFailure, printNote, printResult } from "../output.ts";
import { PAGES_DIR, PORTAL_ADAPTERS } from "../portal/adapters.ts";
import { administratorLink } from "../portal/first-link.ts";
import { readSettings, type SettingsOptions } from "../portal/settings-file.ts";
import { stopSignal } from "../stop-signal.ts";

type Options = OutputOptions & SettingsOptions & { readonly data?: string | undefined };

export function command(command: Command): void {
  command
    .option("--data <dir>", "folder for the portal's data")
    .option("--config <file>", "settings as JSON")
    .option("--host <address>", "address to listen on")
    .option("--port <number>", "port to listen on; 0 takes a free one")
    .action(async (options: Options) => {
      process.exitCode = await serve(options);
    });
}

async function serve(options: Options): Promise<number> {
  const settings = readSettings(options);
  if (!settings.ok) return printFailure(settings.error, options);
  const started = await startPortal(
    {
      dataDir: dataFolder(options.data),
      settings: settings.value,
      pagesDir: PAGES_DIR,
      logger: portalLogger("warn", process.stderr),
    },
    PORTAL_ADAPTERS,
  );
  if (!started.ok) return printFailure(started.error, options);
  const portal = started.value;
  // Whoever reads the line below may stop the portal at once.
  const stopped = stopSignal();
  const link = await administratorLink(portal);
  if (!link.ok) return printFailure(link.error, options);
  printResult(
    { event: "listening", url: portal.url, signInLink: link.value },
    `The portal listens at ${portal.url}\nSign in once as ${portal.administrator.name}: ${link.value}`,
    options,
  );
  printNote("Stop it with Ctrl C.", options);
  await stopped;
  await portal.close();
  return 0;
}
