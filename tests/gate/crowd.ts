// Many ordinary conversations through the router, and a flood of new flows, by a small Python program on each side.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";

const SCRIPT = fileURLToPath(new URL("crowd.py", import.meta.url));
const PYTHON = "/usr/bin/python3";
const PORT = 8443;

export type Task = "tcp" | "udp" | "video" | "flood";
/** `done`: exchanges that were answered exactly; for a flood, datagrams sent. */
export type CrowdResult = { readonly done: number; readonly seconds: number };

export async function startCrowdServer(host: Host): Promise<Program> {
  const program = host.start(PYTHON, [SCRIPT, "serve", host.address, String(PORT), "0"]);
  await program.printed(/serving/);
  return program;
}

export async function crowd(from: Host, to: Host, task: Task, count: number): Promise<CrowdResult> {
  using program = from.start(PYTHON, [SCRIPT, task, to.address, String(PORT), String(count)]);
  const [line] = await program.printed(/\{.*\}/, 900_000);
  return JSON.parse(line) as CrowdResult;
}

/** Memory of the process that holds the classifier: the newest descendant of a program that is node. */
export function residentBytes(program: Program): number {
  return Math.max(...descendants(program.pid).map((pid) => statusBytes(pid, "VmRSS")));
}

/** Processor time of a program and everything that it started. */
export function cpuSeconds(program: Program): number {
  const ticksASecond = 100;
  const ticks = descendants(program.pid).map((pid) => {
    // The name, in brackets, may hold spaces: user and system time are the 12th and 13th field after it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / ticksASecond;
}

function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  const own = children === "" ? [] : children.split(" ").map(Number);
  return [pid, ...own.flatMap(descendants)];
}

function statusBytes(pid: number, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
