// `node bench/transfer/yield.ts`: what uTP leaves to a TCP flow on the same line, and what it takes again when that ends
// (PERFORMANCE: goal 3). The queue is a router's: one in the sender's own machine would never be filled by its TCP,
// which keeps only a few packets there (tcp_limit_output_bytes). `--write` keeps the result.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { repositoryRoot } from "../../scripts/repository.ts";
import type { Host } from "../../tests/lab/host.ts";
import { Lab } from "../../tests/lab/lab.ts";
import type { Program } from "../../tests/lab/program.ts";

const FLOW = join(import.meta.dirname, "yield-flow.ts");
const PORT = 6881;
const SETTLED_MS = 4000;
const MEASURED_MS = 5000;

type Line = {
  readonly control: "cubic" | "reno" | "bbr";
  readonly mbit: number;
  readonly queueMs: number;
  readonly first: "tcp" | "utp";
};

type Shares = { readonly together: number; readonly aloneAgain: number };

const LINES: readonly Line[] = [
  { control: "cubic", mbit: 16, queueMs: 400, first: "utp" },
  { control: "reno", mbit: 16, queueMs: 400, first: "utp" },
  { control: "cubic", mbit: 50, queueMs: 200, first: "utp" },
  { control: "cubic", mbit: 16, queueMs: 400, first: "tcp" },
  { control: "cubic", mbit: 16, queueMs: 50, first: "utp" },
  { control: "bbr", mbit: 16, queueMs: 400, first: "utp" },
];

async function received(sink: Program, mark: string): Promise<{ ms: number; tcp: number; utp: number }> {
  sink.write(mark);
  const [, ms = "", tcp = "", utp = ""] = await sink.printed(new RegExp(`^${mark} (\\S+) (\\d+) (\\d+)$`, "m"));
  return { ms: Number(ms), tcp: Number(tcp), utp: Number(utp) };
}

/** Bytes a second of each. */
async function measure(sink: Program, mark: string): Promise<{ tcp: number; utp: number }> {
  const before = await received(sink, `${mark}-begin`);
  await pause(MEASURED_MS);
  const after = await received(sink, `${mark}-end`);
  const seconds = (after.ms - before.ms) / 1000;
  return { tcp: (after.tcp - before.tcp) / seconds, utp: (after.utp - before.utp) / seconds };
}

// At real-time priority: what else the machine is doing would pass for a queue.
function start(host: Host, ...args: readonly string[]): Program {
  return host.start("chrt", ["--rr", "1", process.execPath, FLOW, ...args]);
}

async function share(line: Line): Promise<Shares> {
  using lab = Lab.create();
  const [sender, receiver] = [lab.host("sender"), lab.host("receiver")];
  sender.run("ip", ["route", "replace", "10.77.0.0/16", "dev", "eth0", "congctl", line.control]);
  receiver.shape({ downMbit: line.mbit, queueMs: line.queueMs });
  using sink = start(receiver, "sink", String(PORT));
  await sink.printed(/listening/);
  const flow = async (name: "tcp" | "utp") => {
    const program = start(sender, name, receiver.address, String(PORT));
    await program.printed(/sending/);
    return program;
  };
  using first = await flow(line.first);
  await pause(SETTLED_MS);
  using second = await flow(line.first === "tcp" ? "utp" : "tcp");
  await pause(SETTLED_MS);
  const beside = await measure(sink, "beside");
  (line.first === "tcp" ? first : second).kill("SIGKILL");
  await pause(SETTLED_MS);
  const afterwards = await measure(sink, "afterwards");
  const lineBytes = (line.mbit * 1e6) / 8;
  return { together: beside.tcp / lineBytes, aloneAgain: afterwards.utp / lineBytes };
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function tableOf(rows: readonly string[]): string {
  const rev = ["rev-parse", "--short", "HEAD"];
  const commit = execFileSync("git", rev, { cwd: repositoryRoot, encoding: "utf8" }).trim();
  return [
    "# What uTP leaves to TCP on the same line",
    "",
    "One TCP flow and one uTP flow of one sender to one receiver, through a router whose line is shaped by tbf. Once both have",
    `run for ${SETTLED_MS / 1000} s, TCP's part of the line is measured for ${MEASURED_MS / 1000} s; then TCP ends, and ${SETTLED_MS / 1000} s later uTP's is.`,
    "The goal is four fifths for each. Programs run at real-time priority.",
    `Machine: ${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, node ${process.version}, commit ${commit}.`,
    "Written by `node bench/transfer/yield.ts --write`.",
    "",
    "| TCP's control | line, Mbit/s | its queue, ms | first on the line | TCP beside uTP | uTP after TCP |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

const rows: string[] = [];
for (const line of LINES) {
  const { control, mbit, queueMs, first } = line;
  const { together, aloneAgain } = await share(line);
  const row = `| ${control} | ${mbit} | ${queueMs} | ${first} | ${percent(together)} | ${percent(aloneAgain)} |`;
  console.error(row);
  rows.push(row);
}
const text = tableOf(rows);
console.log(text);
if (process.argv.includes("--write")) writeFileSync(join(repositoryRoot, "bench/results/yield.md"), text);
