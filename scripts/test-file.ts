// Runs one test file in its own process group with a time limit: a file that hangs is a failure with its name.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { TestResult } from "./reporter.ts";
import { repositoryRoot } from "./repository.ts";

export type FileOutcome = {
  readonly file: string;
  readonly results: readonly TestResult[];
  /** What went wrong with the file as a whole: a crash, a hang, no tests. */
  readonly trouble: string | undefined;
  /** The end of what it printed. */
  readonly printed: string;
  readonly seconds: number;
};

const PRINTED_CHARACTERS_MAX = 20_000;
// A file that is asked to stop gets this long to remove its namespaces and processes.
const GRACE_MS = 10_000;
/** What Node compiled for one file it need not compile for the next, nor for the programs that both start. */
const COMPILED = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "swarmgate-tests", "compiled");

/** `file` is relative to the repository's root. */
export async function runTestFile(file: string, limitSeconds: number): Promise<FileOutcome> {
  const scratch = mkdtempSync(join(tmpdir(), "swarmgate-test-"));
  const report = join(scratch, "report.ndjson");
  const startedMs = performance.now();
  try {
    const end = await runProcess(file, report, limitSeconds);
    const results = readReport(report);
    return {
      file,
      results,
      trouble: troubleOf(end, results, limitSeconds),
      printed: end.printed,
      seconds: (performance.now() - startedMs) / 1000,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

type ProcessEnd = { readonly exit: string; readonly hung: boolean; readonly printed: string };

function runProcess(file: string, report: string, limitSeconds: number): Promise<ProcessEnd> {
  const reporter = join(repositoryRoot, "scripts", "reporter.ts");
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      `--test-reporter=${reporter}`,
      `--test-reporter-destination=${report}`,
      file,
    ],
    // NODE_TEST_CONTEXT makes a test file report to a parent that it does not have here.
    {
      cwd: repositoryRoot,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { NODE_COMPILE_CACHE: COMPILED, ...process.env, NODE_TEST_CONTEXT: undefined },
    },
  );
  let printed = "";
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-PRINTED_CHARACTERS_MAX);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  let hung = false;
  const limit = setTimeout(() => {
    hung = true;
    signalGroup(child.pid, "SIGTERM");
    setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MS).unref();
  }, limitSeconds * 1000);
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => {
      clearTimeout(limit);
      // What the file left running must not hold its pipes open, nor the next file's ports.
      signalGroup(child.pid, "SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ exit: signal ?? String(code), hung, printed });
    });
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}

function readReport(report: string): TestResult[] {
  let text = "";
  try {
    text = readFileSync(report, "utf8");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as TestResult);
}

function troubleOf(end: ProcessEnd, results: readonly TestResult[], limitSeconds: number): string | undefined {
  if (end.hung) return `did not end within ${limitSeconds} s and was stopped`;
  if (end.exit !== "0" && !results.some((result) => result.outcome === "failed")) return `ended with ${end.exit}`;
  if (results.length === 0) return "holds no test";
  return undefined;
}
