// A program that a test started: its lines, its end, and a promise for the line that the test waits for.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { withDeadline } from "./deadline.ts";

export type ProgramOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether `env` is everything that the program gets, instead of more than the test has. */
  readonly onlyEnv?: boolean;
  readonly cwd?: string;
  readonly title?: string;
};

export type ProgramEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

const PRINTED_CHARACTERS_MAX = 1_000_000;

export class Program implements Disposable {
  readonly title: string;
  /** What it printed so far. */
  stdout = "";
  stderr = "";
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #watchers = new Set<() => void>();
  #end: ProgramEnd | undefined;

  constructor(program: string, args: readonly string[], options: ProgramOptions = {}) {
    this.title = options.title ?? program;
    this.#child = spawn(program, args, {
      env: options.onlyEnv === true ? { ...options.env } : { ...process.env, ...options.env },
      cwd: options.cwd,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stdin.on("error", () => undefined);
    this.#child.stdout.on("data", (chunk: Buffer) => this.#take("stdout", chunk));
    this.#child.stderr.on("data", (chunk: Buffer) => this.#take("stderr", chunk));
    this.ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) => {
        this.#end = { code, signal };
        for (const watcher of this.#watchers) watcher();
        resolve(this.#end);
      });
    });
    // A program that cannot be started is reported where its end is awaited.
    this.ended.catch(() => undefined);
  }

  /** The program itself: `ip netns exec` replaces itself by what it runs. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.title} did not start`);
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** The first match in what it prints on either stream; rejects when it ends without. */
  printed(pattern: RegExp, withinMs = 60_000): Promise<RegExpExecArray> {
    const wait = new Promise<RegExpExecArray>((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (match === null && this.#end === undefined) return;
        this.#watchers.delete(look);
        if (match === null) reject(new Error(`${this.title} ended without printing ${pattern}\n${this.tail()}`));
        else resolve(match);
      };
      this.#watchers.add(look);
      look();
    });
    return withDeadline(wait, withinMs, () => `${this.title} did not print ${pattern}\n${this.tail()}`);
  }

  /** Its end; rejects when it takes longer. */
  end(withinMs = 60_000): Promise<ProgramEnd> {
    return withDeadline(this.ended, withinMs, () => `${this.title} did not end\n${this.tail()}`);
  }

  /** Asks it to stop and waits; a program that does not listen is killed. */
  async stop(signal: NodeJS.Signals = "SIGTERM", withinMs = 10_000): Promise<ProgramEnd> {
    this.kill(signal);
    try {
      return await this.end(withinMs);
    } catch {
      this.kill("SIGKILL");
      return await this.ended;
    }
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#end === undefined) this.#child.kill(signal);
  }

  /** The end of what it printed, for the message of a failure. */
  tail(): string {
    return `stdout: ${this.stdout.slice(-3000)}\nstderr: ${this.stderr.slice(-3000)}`;
  }

  [Symbol.dispose](): void {
    this.kill("SIGKILL");
  }

  #take(stream: "stdout" | "stderr", chunk: Buffer): void {
    this[stream] = (this[stream] + chunk.toString()).slice(-PRINTED_CHARACTERS_MAX);
    for (const watcher of this.#watchers) watcher();
  }
}
