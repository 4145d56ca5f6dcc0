// Runs jobs against the stores that a disk thread has open: the same code in a thread, in a test and in a simulation.

import { present, unreachable } from "../../base/assert.ts";
import type { Disk } from "../../world/disk.ts";
import type { Entropy } from "../../world/entropy.ts";
import type { StoreAnswer, StoreJob, StoreReply } from "./job.ts";
import { SUM_KEY_BYTES } from "./piece-sums.ts";
import { Store } from "./store.ts";

export class Stores {
  readonly #disk: Disk;
  /** For the tags by which pieces are known again; it stays in this process. */
  readonly #sumKey: Uint8Array;
  readonly #open = new Map<number, Store>();

  constructor(disk: Disk, entropy: Entropy) {
    this.#disk = disk;
    this.#sumKey = entropy.bytes(SUM_KEY_BYTES);
  }

  /** Undefined for jobs that nobody waits for. */
  run(job: StoreJob): StoreReply | undefined {
    if (job.kind === "open") {
      this.#open.set(job.store, new Store(this.#disk, job.spec, this.#sumKey));
      return undefined;
    }
    return { id: job.id, answer: this.#answer(job) };
  }

  #answer(job: Exclude<StoreJob, { kind: "open" }>): StoreAnswer {
    const store = present(this.#open.get(job.store), "an open store");
    switch (job.kind) {
      case "write":
        return store.write(job.piece, Buffer.from(job.memory), job.expected, job.wantDigests);
      case "read":
        return store.read(job.piece, Buffer.from(job.memory), job.expected);
      case "check":
        return store.check(job.first, job.expected);
      case "leaves":
        return store.leaves(job.piece, job.expected);
      case "sync":
        return store.sync(job.emptyFiles);
      case "identify":
        return store.identify();
      case "move":
        return store.move(job.rootDir);
      case "settle":
        return store.settle(job.keep);
      case "close":
        store.close();
        this.#open.delete(job.store);
        return { kind: "closed" };
      default:
        return unreachable(job);
    }
  }
}
