// Runs jobs in the scanning worker, one at a time, and kills it when it falls silent or takes too long (H128).

import { Worker } from "node:worker_threads";
import type { Clock, MonotonicMs, Timer } from "../../world/clock.ts";
import type { Job, JobKind, JobReport, WorkerSetup } from "./job.ts";

export type JobOutcome =
  | Exclude<JobReport, { kind: "progress" }>
  | { readonly kind: "killed"; readonly why: string }
  | { readonly kind: "closed" };

type Waiting = { readonly job: Job; readonly settle: (outcome: JobOutcome) => void };
type Running = Waiting & { readonly startedMs: MonotonicMs; heardMs: MonotonicMs };

export class WorkerHandle {
  readonly #setup: WorkerSetup;
  readonly #clock: Clock;
  readonly #queue: Waiting[] = [];
  #worker: Worker | undefined;
  #running: Running | undefined;
  #watch: Timer | undefined;
  #nextId = 1;
  #closed = false;

  constructor(setup: WorkerSetup, clock: Clock) {
    this.#setup = setup;
    this.#clock = clock;
  }

  run(kind: JobKind, file: { readonly path: string; readonly name: string }): Promise<JobOutcome> {
    if (this.#closed) return Promise.resolve({ kind: "closed" });
    return new Promise((settle) => {
      this.#queue.push({ job: { id: this.#nextId, kind, ...file }, settle });
      this.#nextId += 1;
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#queue.splice(0)) waiting.settle({ kind: "closed" });
    this.#settle({ kind: "closed" });
    this.#watch?.cancel();
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #next(): void {
    if (this.#closed || this.#running) return;
    const waiting = this.#queue.shift();
    if (!waiting) return;
    const worker = (this.#worker ??= this.#start());
    const nowMs = this.#clock.monotonicMs();
    this.#running = { ...waiting, startedMs: nowMs, heardMs: nowMs };
    this.#watch = this.#clock.every(250, () => this.#check());
    worker.postMessage(waiting.job);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: this.#setup,
      // The default heap is enough for windows and tables; a bomb that gets past the budget dies here.
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    worker.on("message", (report: JobReport) => this.#heard(worker, report));
    worker.on("error", (cause) => this.#lost(worker, `The scanner failed: ${cause.message}.`));
    worker.on("exit", () => this.#lost(worker, "The scanner stopped by itself."));
    worker.unref();
    return worker;
  }

  #heard(worker: Worker, report: JobReport): void {
    const running = this.#running;
    if (worker !== this.#worker || running?.job.id !== report.id) return;
    if (report.kind === "progress") {
      running.heardMs = this.#clock.monotonicMs();
      return;
    }
    // After a failure nothing is known of the state of yara-x's memory: the next file gets a fresh worker.
    if (report.kind === "failed" || (report.kind === "inspected" && report.worn)) this.#dismiss();
    this.#settle(report);
  }

  #check(): void {
    const running = this.#running;
    if (!running) return;
    const nowMs = this.#clock.monotonicMs();
    const { silenceMsMax, totalMsMax } = this.#setup.limits;
    const silent = nowMs - running.heardMs > silenceMsMax;
    if (!silent && nowMs - running.startedMs <= totalMsMax) return;
    this.#dismiss();
    const seconds = Math.round((silent ? silenceMsMax : totalMsMax) / 1000);
    const why = silent
      ? `The scanner got stuck in it for ${seconds} seconds.`
      : `The scanner needed over ${seconds} seconds.`;
    this.#settle({ kind: "killed", why });
  }

  #dismiss(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }

  #lost(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#settle({ kind: "killed", why });
  }

  #settle(outcome: JobOutcome): void {
    this.#watch?.cancel();
    this.#watch = undefined;
    const running = this.#running;
    this.#running = undefined;
    running?.settle(outcome);
    this.#next();
  }
}
