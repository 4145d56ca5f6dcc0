// Which peer-to-peer clients this Linux computer has: installed packages, flatpaks and snaps, and running processes with
// the ports on which they listen.

import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { CLIENTS, type ClientEntry } from "./clients.ts";

export type Finding = {
  readonly client: string;
  readonly applications: readonly string[];
  readonly found: "package" | "flatpak" | "snap" | "process";
  /** The package's name, or the path of what runs. */
  readonly what: string;
  readonly pid?: number;
  readonly ports?: readonly string[];
};

/** `root` is where the system lies: "/" but for tests. */
export function auditComputer(root: string): Finding[] {
  return [...installed(root), ...running(root)];
}

function installed(root: string): Finding[] {
  const packages = installedPackages(join(root, "var/lib/dpkg/status"));
  const flatpaks = new Set(namesIn(join(root, "var/lib/flatpak/app")));
  const snaps = new Set(namesIn(join(root, "snap")));
  return CLIENTS.flatMap((client) => [
    ...(client.packages ?? []).filter((name) => packages.has(name)).map((name) => finding(client, "package", name)),
    ...(client.flatpak ?? []).filter((name) => flatpaks.has(name)).map((name) => finding(client, "flatpak", name)),
    ...(client.snap ?? []).filter((name) => snaps.has(name)).map((name) => finding(client, "snap", name)),
  ]);
}

function finding(client: ClientEntry, found: Finding["found"], what: string): Finding {
  return { client: client.name, applications: client.applications, found, what };
}

// Packages that were removed stay in the file with another status.
function installedPackages(statusFile: string): ReadonlySet<string> {
  if (!existsSync(statusFile)) return new Set();
  const paragraphs = readFileSync(statusFile, "utf8").split("\n\n");
  const present = paragraphs.filter((paragraph) => /^Status: .* installed$/m.test(paragraph));
  return new Set(present.map((paragraph) => /^Package: (.+)$/m.exec(paragraph)?.[1] ?? ""));
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function running(root: string): Finding[] {
  const byProgram = new Map(
    CLIENTS.flatMap((client) => (client.linux ?? []).map((program) => [program, client] as const)),
  );
  const processes = join(root, "proc");
  const sockets = listeningSockets(processes);
  return namesIn(processes)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const path = programOf(join(processes, pid));
      const client = path === undefined ? undefined : byProgram.get(basename(path));
      if (path === undefined || client === undefined) return [];
      const ports = portsOf(join(processes, pid), sockets);
      return [{ ...finding(client, "process", path), pid: Number(pid), ports }];
    });
}

// Processes come and go while they are read; one that is gone has nothing to say.
function programOf(process: string): string | undefined {
  try {
    return readlinkSync(join(process, "exe")).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined;
  }
}

/** Protocol and port of every listening socket, by its inode. */
function listeningSockets(processes: string): ReadonlyMap<string, string> {
  const sockets = new Map<string, string>();
  const listening = "0A";
  const unconnected = "07";
  for (const protocol of ["tcp", "tcp6", "udp", "udp6"]) {
    const file = join(processes, "net", protocol);
    if (!existsSync(file)) continue;
    for (const line of readFileSync(file, "utf8").split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [local, state, inode] = [fields[1], fields[3], fields[9]];
      if (local === undefined || inode === undefined || (state !== listening && state !== unconnected)) continue;
      sockets.set(inode, `${protocol.slice(0, 3)} ${Number.parseInt(local.split(":")[1] ?? "0", 16)}`);
    }
  }
  return sockets;
}

function portsOf(process: string, sockets: ReadonlyMap<string, string>): string[] {
  const ports = new Set<string>();
  try {
    for (const descriptor of readdirSync(join(process, "fd"))) {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(join(process, "fd", descriptor)))?.[1];
      const port = inode === undefined ? undefined : sockets.get(inode);
      if (port !== undefined) ports.add(port);
    }
  } catch {
    // It ended, or it belongs to somebody else: what was seen so far is what can be said.
  }
  return [...ports].sort();
}
