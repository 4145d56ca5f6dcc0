// Where a command keeps its data and its sessions when nobody says otherwise.

import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** `--data DIR`, else SWARMGATE_DATA, else the place that the desktop's rules name for data. Absolute. */
export function dataFolder(chosen: string | undefined): string {
  const fallback = join(process.env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "swarmgate");
  return resolve(chosen || process.env["SWARMGATE_DATA"] || fallback);
}

/** For what belongs to the person at the keyboard and not to a node or portal: sessions. */
export function configFolder(): string {
  return join(process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "swarmgate");
}
