// PERFORMANCE goal 11: with 10,000 people, 100,000 requests and 1,000,000 events, list and decide in ≤ 50 ms at p99.
// Over real HTTP on loopback, one portal process and this one. Usage: node bench/portal/run.ts

import { execFileSync, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import type { Scale } from "./fill.ts";
import { fill } from "./fill.ts";

const SCALE: Scale = { people: 10_000, requests: 100_000, events: 1_000_000 };
const PENDING = 2_000;
const ROUNDS = 400;
const GOAL_P99_MS = 50;

type Ready = { readonly url: string; readonly reviewer: string; readonly member: string };
type Row = {
  readonly what: string;
  readonly calls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

const dataDir = mkdtempSync(join(tmpdir(), "bench-portal-"));
try {
  await withPortal(dataDir, async () => undefined);
  fill(dataDir, SCALE, PENDING);
  const rows = await withPortal(dataDir, measure);
  report(rows);
} finally {
  rmSync(dataDir, { recursive: true });
}

async function measure({ url, reviewer, member }: Ready): Promise<Row[]> {
  const call = async (token: string, method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const get = (token: string, path: string) => () => call(token, "GET", path);
  const first = SCALE.requests - PENDING + 1;
  const decide = (verb: string, from: number) => (round: number) =>
    call(reviewer, "POST", `/api/v1/requests/R-${from + round}/${verb}`, { version: 1, reason: "Measured." });
  const rows = [
    await timed("list what is to decide", get(reviewer, "/api/v1/requests?scope=decide")),
    await timed("list all requests", get(reviewer, "/api/v1/requests?scope=all")),
    await timed("search all requests", get(reviewer, "/api/v1/requests?scope=all&q=telescope-dataset-4")),
    await timed("list one's own requests", get(member, "/api/v1/requests?scope=mine")),
    await timed("list all grants", get(reviewer, "/api/v1/grants?scope=all")),
    await timed("show a request", (round) => call(reviewer, "GET", `/api/v1/requests/R-${1 + round * 97}`)),
    await timed("list the record", get(reviewer, "/api/v1/audit")),
    await timed("search the record", get(reviewer, "/api/v1/audit?q=R-4711")),
    await timed("approve", decide("approve", first)),
    await timed("deny", decide("deny", first + ROUNDS)),
  ];
  return rows;
}

async function timed(what: string, run: (round: number) => Promise<unknown>): Promise<Row> {
  for (let warm = 0; warm < 5 && !/approve|deny/.test(what); warm++) await run(warm);
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    await run(round);
    took.push(performance.now() - startMs);
  }
  took.sort((a, b) => a - b);
  const at = (part: number) => round2(took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0);
  return { what, calls: ROUNDS, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

function report(rows: readonly Row[]): void {
  console.log(`${SCALE.people} people, ${SCALE.requests} requests, ${SCALE.events} events`);
  for (const { what, p50Ms, p99Ms, maxMs } of rows) {
    console.log(`${what.padEnd(28)} p50 ${p50Ms} ms, p99 ${p99Ms} ms, max ${maxMs} ms`);
  }
  const reached = rows.every((row) => row.p99Ms <= GOAL_P99_MS);
  console.log(reached ? `Goal reached: every p99 ≤ ${GOAL_P99_MS} ms` : `Goal missed: a p99 is over ${GOAL_P99_MS} ms`);
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"]).toString().trim();
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
  };
  const result = { at: new Date().toISOString(), commit, machine, scale: SCALE, goalP99Ms: GOAL_P99_MS, reached, rows };
  writeFileSync(join(import.meta.dirname, "..", "results", "portal.json"), `${JSON.stringify(result, null, 2)}\n`);
}

async function withPortal<T>(folder: string, run: (ready: Ready) => Promise<T>): Promise<T> {
  const child = fork(join(import.meta.dirname, "serve.ts"), [folder]);
  try {
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.once("message", (message) => resolve(message as Ready));
      child.once("exit", (code) => reject(new Error(`the portal ended with ${code}`)));
    });
    return await run(ready);
  } finally {
    await new Promise((resolve) => {
      child.once("exit", resolve);
      child.send("stop");
    });
  }
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
