// Network namespaces by the `ip` command: made, listed and removed with everything that runs in them.

import { execFileSync, spawnSync } from "node:child_process";

export function addNamespace(name: string): void {
  execFileSync("ip", ["netns", "add", name], { stdio: "pipe" });
}

/** Runs several `ip` commands inside a namespace; throws with what `ip` said. */
export function ip(namespace: string, ...commands: string[]): void {
  execFileSync("ip", ["-n", namespace, "-batch", "-"], { input: `${commands.join("\n")}\n`, stdio: "pipe" });
}

export function namespaceNames(prefix: string): string[] {
  const listed = spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout;
  return listed
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")
    .filter((name) => name.startsWith(prefix));
}

/** Ends every process in the namespace, then the namespace with its links. Safe to call twice. */
export function removeNamespace(name: string): void {
  const pids = spawnSync("ip", ["netns", "pids", name], { encoding: "utf8" }).stdout;
  for (const pid of pids.split("\n").filter((line) => line !== "")) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It ended by itself in between.
    }
  }
  spawnSync("ip", ["netns", "delete", name], { stdio: "ignore" });
}
