// The home folders of this computer's people, and what lies in them that can run without being installed: AppImages and
// programs that were copied there.

import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { CLIENTS, type ClientEntry } from "./clients.ts";
import type { ContentMarks } from "./content-marks.ts";
import { type Finding, finding } from "./finding.ts";
import type { Reading } from "./reading.ts";

export type Home = { readonly user: string; readonly path: string };

const PEOPLE_FROM_UID = 1_000;
const NOBODY_FROM_UID = 65_534;
const DEPTH_MAX = 4;
const ENTRIES_MAX = 20_000;
/** Hidden folders hold caches and settings; programs lie in these. */
const HIDDEN_FOLDERS = new Set([".local", ".bin", ".applications"]);
const SKIPPED_FOLDERS = new Set(["node_modules", "snap"]);

export function homesOf(root: string, reading: Reading): Home[] {
  const homes = new Map<string, Home>();
  for (const line of (reading.text(join(root, "etc/passwd")) ?? "").split("\n")) {
    const [user, , uid, , , home] = line.split(":");
    const number = Number(uid);
    const isPerson = number === 0 || (number >= PEOPLE_FROM_UID && number < NOBODY_FROM_UID);
    if (user === undefined || home === undefined || !isPerson || !/^\/./.test(home)) continue;
    homes.set(join(root, home), { user, path: join(root, home) });
  }
  // People of a directory service do not stand in passwd; their folders lie here.
  for (const entry of reading.entries(join(root, "home"))) {
    const path = join(root, "home", entry.name);
    if (entry.isDirectory() && !homes.has(path)) homes.set(path, { user: entry.name, path });
  }
  return [...homes.values()];
}

/** AppImages by their names, other executables by name or by what they contain. */
export function programsOf(home: Home, marks: ContentMarks, reading: Reading): Finding[] {
  const found: Finding[] = [];
  let entries = 0;
  const waiting: [path: string, depth: number][] = [[home.path, 0]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [folder, depth] = next;
    for (const entry of reading.entries(folder)) {
      entries += 1;
      if (entries > ENTRIES_MAX) {
        reading.note(home.path, `only the first ${ENTRIES_MAX} entries were looked at`);
        return found;
      }
      const path = join(folder, entry.name);
      if (entry.isDirectory() && depth < DEPTH_MAX && isWalked(entry.name)) waiting.push([path, depth + 1]);
      const one = entry.isFile() ? programOf(path, marks) : undefined;
      if (one !== undefined) found.push({ ...one, user: home.user });
    }
  }
  return found;
}

function isWalked(name: string): boolean {
  return name.startsWith(".") ? HIDDEN_FOLDERS.has(name) : !SKIPPED_FOLDERS.has(name);
}

function programOf(path: string, marks: ContentMarks): Finding | undefined {
  const name = basename(path).toLowerCase();
  if (!name.endsWith(".appimage") && !isExecutable(path)) return undefined;
  const kind = marks.kind(path);
  if (kind === "appimage" || name.endsWith(".appimage")) {
    const client = CLIENTS.find((one) => isImageOf(one, name));
    return client && finding(client, "appimage", path, "name");
  }
  if (kind !== "elf") return undefined;
  const named = CLIENTS.find((one) => one.linux?.some((program) => program.toLowerCase() === name));
  const client = named ?? marks.client(path);
  return client && finding(client, "file", path, named === undefined ? "content" : "name");
}

function isExecutable(path: string): boolean {
  try {
    return (statSync(path).mode & 0o111) !== 0;
  } catch {
    return false;
  }
}

// Such as "qbittorrent-4.6.7_x86_64.AppImage": the program's name, then no letter.
function isImageOf(client: ClientEntry, file: string): boolean {
  const names = [client.name, ...(client.linux ?? [])].map((name) => name.toLowerCase().replaceAll(" ", "-"));
  const plain = file.replaceAll(/[ _]/g, "-");
  return names.some((name) => plain.startsWith(name) && !/[a-z]/.test(plain.charAt(name.length)));
}
