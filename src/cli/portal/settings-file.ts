// The settings that a command starts a portal with: the file, then what the command line says.

import { existsSync, readFileSync } from "node:fs";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { DEFAULT_SETTINGS, parseSettings, type Settings } from "../../portal/settings.ts";

export type SettingsOptions = {
  readonly config?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
};

export function readSettings(options: SettingsOptions): Result<Settings, Failure> {
  let settings = DEFAULT_SETTINGS;
  if (options.config !== undefined) {
    if (!existsSync(options.config)) return err(failure("cli.file_missing", { path: options.config }));
    const parsed = parseSettings(readFileSync(options.config, "utf8"), options.config);
    if (!parsed.ok) return parsed;
    settings = parsed.value;
  }
  const port = options.port === undefined ? settings.port : Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return err(failure("cli.usage_wrong", { detail: "--port takes a number from 0 to 65535" }));
  }
  return ok({ ...settings, port, host: options.host ?? settings.host });
}
