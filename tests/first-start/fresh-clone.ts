// A copy of the project as somebody gets it who has just cloned it: sources only, and the machine's own Node.

import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { basename, delimiter } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";

const LEFT_OUT = new Set(["node_modules", "dist", ".git", ".artifacts"]);

export function cloneInto(folder: string): void {
  cpSync(repositoryRoot, folder, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
}

/** Without npm's variables and the project's programs on PATH: the newcomer's shell has none of them. */
export function newcomersEnvironment(home: string): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|INIT_CWD|SWARMGATE_)/i.test(name));
  const path = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((part) => !part.includes("node_modules"))
    .join(delimiter);
  const env = Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""]));
  // The cache is the machine's: the test is about the project, not about the registry.
  const cache = execFileSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).trim();
  return {
    ...env,
    PATH: path,
    HOME: home,
    XDG_DATA_HOME: `${home}/share`,
    XDG_CONFIG_HOME: `${home}/config`,
    npm_config_cache: cache,
  };
}
