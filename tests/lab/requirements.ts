// What a test needs of the machine, and why it is skipped where that is missing.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The reason to skip, or false when all programs and, for namespaces, root are there. */
export function missing(...programs: string[]): string | false {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  const absent = programs.filter((name) => !isInstalled(name));
  return absent.length === 0 ? false : `not installed: ${absent.join(", ")}`;
}

function isInstalled(name: string): boolean {
  if (name === "python3-libtorrent") return existsSync("/usr/lib/python3/dist-packages/libtorrent.egg-info");
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => existsSync(join(folder, name)));
}
