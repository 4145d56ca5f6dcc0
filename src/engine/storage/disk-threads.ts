// Hands jobs to the disk threads and their answers back. Jobs of one tick travel together.

import { assert, present } from "../../base/assert.ts";
import { type Failure, failure } from "../../base/failure.ts";
import type { Disk } from "../../world/disk.ts";
import type { Entropy } from "../../world/entropy.ts";
import type { Thread, Threads } from "../../world/threads.ts";
import type { StoreAnswer, StoreJob, StoreReply, StoreSpec } from "./job.ts";
import { Stores } from "./stores.ts";

type Done = (answer: StoreAnswer) => void;
type JobOf<Kind extends StoreJob["kind"]> = Omit<Extract<StoreJob, { kind: Kind }>, "id" | "store">;
export type StoreRequest =
  | JobOf<"write">
  | JobOf<"read">
  | JobOf<"check">
  | JobOf<"leaves">
  | JobOf<"sync">
  | JobOf<"identify">
  | JobOf<"move">
  | JobOf<"settle">;

/** One torrent's files, seen from the engine. Answers come in the order of the requests. */
export interface StoreHandle {
  ask(request: StoreRequest, done: Done): void;
  close(done: () => void): void;
}

export interface StoreHost {
  open(spec: StoreSpec): StoreHandle;
  close(): Promise<void>;
}

const ENTRY = new URL("./disk-thread.ts", import.meta.url);

export class DiskThreads implements StoreHost {
  readonly #threads: Threads;
  readonly #countMax: number;
  readonly #lanes: Lane[] = [];
  #stores = 0;

  /** Threads are started as torrents need them, `countMax` at most. */
  constructor(threads: Threads, countMax: number) {
    this.#threads = threads;
    this.#countMax = countMax;
  }

  open(spec: StoreSpec): StoreHandle {
    const store = this.#stores++;
    let lane = this.#lanes[store % this.#countMax];
    if (lane === undefined) {
      lane = new Lane(this.#threads);
      this.#lanes.push(lane);
    }
    lane.post({ kind: "open", store, spec });
    return lane.handle(store);
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}

/** One thread and what it owes. */
class Lane {
  readonly #thread: Thread;
  readonly #waiting = new Map<number, Done>();
  #batch: StoreJob[] = [];
  #nextId = 1;
  #dead: Failure | undefined;

  constructor(threads: Threads) {
    this.#thread = threads.start(ENTRY, {
      // Only disk-thread.ts posts here.
      onMessage: (message) => this.#answered(message as StoreReply),
      onDeath: (cause) => this.#died(cause),
    });
  }

  handle(store: number): StoreHandle {
    return {
      ask: (request, done) => this.#ask({ ...request, store, id: this.#nextId }, done),
      close: (done) => this.#ask({ kind: "close", store, id: this.#nextId }, done),
    };
  }

  #ask(job: Exclude<StoreJob, { kind: "open" }>, done: Done): void {
    this.#nextId++;
    if (this.#dead !== undefined) {
      done({ kind: "failed", failure: this.#dead });
      return;
    }
    this.#waiting.set(job.id, done);
    this.post(job);
  }

  post(job: StoreJob): void {
    this.#batch.push(job);
    if (this.#batch.length > 1) return;
    queueMicrotask(() => {
      const jobs = this.#batch;
      this.#batch = [];
      this.#thread.post(jobs);
    });
  }

  #answered(reply: StoreReply): void {
    const done = present(this.#waiting.get(reply.id), "a job that was asked for");
    this.#waiting.delete(reply.id);
    done(reply.answer);
  }

  #died(cause: unknown): void {
    this.#dead = failure("engine.disk_failed", { file: "every file", why: "the disk thread ended" }, cause);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const done of waiting) done({ kind: "failed", failure: this.#dead });
  }

  stop(): Promise<void> {
    assert(this.#batch.length === 0 || this.#dead === undefined, "a lane ends with nothing left to post");
    return this.#thread.stop();
  }
}

/** The same without a thread: for simulations and for tests that make the disk fail. */
export class InlineStores implements StoreHost {
  readonly #stores: Stores;
  #count = 0;

  constructor(disk: Disk, entropy: Entropy) {
    this.#stores = new Stores(disk, entropy);
  }

  open(spec: StoreSpec): StoreHandle {
    const store = this.#count++;
    this.#stores.run({ kind: "open", store, spec });
    const ask = (job: StoreJob, done: Done) =>
      queueMicrotask(() => done(present(this.#stores.run(job), "an answer").answer));
    return {
      ask: (request, done) => ask({ ...request, store, id: 0 }, done),
      close: (done) => ask({ kind: "close", store, id: 0 }, done),
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
