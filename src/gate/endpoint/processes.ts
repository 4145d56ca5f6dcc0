// Running clients: by the program's name, by the script that an interpreter runs, by the name that the process goes by,
// and, where somebody renamed the program, by what its file contains.

import { basename, join } from "node:path";
import { CLIENTS, type ClientEntry } from "./clients.ts";
import type { ContentMarks } from "./content-marks.ts";
import { type Finding, finding, type KnownBy } from "./finding.ts";
import { Reading } from "./reading.ts";
import { SocketTables } from "./sockets.ts";

/** The kernel keeps fifteen bytes of a process's name. */
const COMM_BYTES = 15;
const INTERPRETERS = /^(python[\d.]*|java|node|mono|perl|ruby|bash|sh|electron\d*)$/;

const BY_PROGRAM: ReadonlyMap<string, ClientEntry> = new Map(
  CLIENTS.flatMap((client) => (client.linux ?? []).map((program) => [program, client] as const)),
);
const BY_COMM: ReadonlyMap<string, ClientEntry> = new Map(
  [...BY_PROGRAM].map(([program, client]) => [program.slice(0, COMM_BYTES), client] as const),
);

type Process = {
  /** Undefined for a process of the kernel, and of others where this user may not ask. */
  readonly path: string | undefined;
  readonly words: readonly string[];
  readonly comm: string;
};
type Recognised = { readonly client: ClientEntry; readonly by: KnownBy };

export type Inspected = { readonly root: string; readonly users: ReadonlyMap<string, string> };

export function running({ root, users }: Inspected, marks: ContentMarks, reading: Reading): Finding[] {
  const processes = join(root, "proc");
  const sockets = new SocketTables(processes, reading);
  // Processes of others forbid some of these reads; what is left (the command and the name) tells them all the same.
  const quiet = new Reading();
  return reading
    .names(processes)
    .filter((name) => /^\d+$/.test(name))
    .toSorted((a, b) => Number(a) - Number(b))
    .flatMap((pid) => {
      const folder = join(processes, pid);
      const process = readProcess(folder, quiet);
      const known = process && recognise(process, root, folder, marks);
      if (process === undefined || known === undefined) return [];
      const { path, words, comm } = process;
      const uid = /^Uid:\s+(\d+)/m.exec(quiet.text(join(folder, "status")) ?? "")?.[1];
      const user = uid === undefined ? undefined : (users.get(uid) ?? uid);
      const held = sockets.of(folder);
      return [
        {
          ...finding(known.client, "process", path ?? words[0] ?? comm, known.by),
          pid: Number(pid),
          ...(BY_COMM.get(comm) === known.client || comm === "" ? {} : { calls: comm }),
          ...(user === undefined ? {} : { user }),
          ...(held === undefined ? {} : { sockets: held }),
        },
      ];
    });
}

// Processes come and go while they are read; one that is gone has nothing to say.
function readProcess(folder: string, reading: Reading): Process | undefined {
  const path = reading.link(join(folder, "exe"))?.replace(/ \(deleted\)$/, "");
  const words = (reading.text(join(folder, "cmdline")) ?? "").split("\0").filter((word) => word !== "");
  const comm = (reading.text(join(folder, "comm")) ?? "").trim();
  return path === undefined && words.length === 0 ? undefined : { path, words, comm };
}

function recognise(process: Process, root: string, folder: string, marks: ContentMarks): Recognised | undefined {
  const { path, words, comm } = process;
  const program = path === undefined ? undefined : basename(path);
  const named = program === undefined ? undefined : BY_PROGRAM.get(program);
  if (named !== undefined) return { client: named, by: "name" };
  const started = basename(scriptOf(program, words) ?? words[0] ?? "").replace(/\.(py|jar|js|exe)$/i, "");
  const commanded = BY_PROGRAM.get(started) ?? BY_PROGRAM.get(started.toLowerCase()) ?? BY_COMM.get(comm);
  if (commanded !== undefined) return { client: commanded, by: "command" };
  if (path === undefined) return undefined;
  // The link in /proc opens the file that runs, also after it was deleted; in an image of a disk it leads nowhere.
  const contained = marks.client(root === "/" ? join(folder, "exe") : join(root, path));
  return contained && { client: contained, by: "content" };
}

function scriptOf(program: string | undefined, words: readonly string[]): string | undefined {
  const interpreter = program ?? basename(words[0] ?? "");
  if (!INTERPRETERS.test(interpreter)) return undefined;
  const jar = words.indexOf("-jar");
  return jar >= 0 ? words[jar + 1] : words.slice(1).find((word) => !word.startsWith("-"));
}
