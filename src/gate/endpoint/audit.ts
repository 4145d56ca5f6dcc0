// Which peer-to-peer clients this Linux computer has: installed by any package manager, lying in a home folder, as an
// extension of a browser, and running, with their sockets.

import { join } from "node:path";
import { browserExtensions } from "./browsers.ts";
import { ContentMarks } from "./content-marks.ts";
import type { Audit } from "./finding.ts";
import { homesOf, programsOf } from "./homes.ts";
import { installed } from "./installed.ts";
import { running } from "./processes.ts";
import { Reading } from "./reading.ts";

/** `root` is where the system lies: "/", or the folder where another computer's disk is mounted. */
export function auditComputer(root: string): Audit {
  const reading = new Reading();
  const marks = new ContentMarks();
  const homes = homesOf(root, reading);
  const findings = [
    ...installed(root, homes, reading),
    ...homes.flatMap((home) => programsOf(home, marks, reading)),
    ...homes.flatMap((home) => browserExtensions(home, reading)),
    ...running({ root, users: usersOf(root, reading) }, marks, reading),
  ];
  return { findings, unread: reading.unread() };
}

function usersOf(root: string, reading: Reading): ReadonlyMap<string, string> {
  const lines = (reading.text(join(root, "etc/passwd")) ?? "").split("\n").map((line) => line.split(":"));
  return new Map(lines.map(([name = "", , uid = ""]) => [uid, name]));
}
