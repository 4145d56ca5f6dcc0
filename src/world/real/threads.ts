// Node's worker threads.

import { parentPort, Worker } from "node:worker_threads";
import { present } from "../../base/assert.ts";
import type { ThreadPort, Threads } from "../threads.ts";

const STOP = "stop";

export const realThreads: Threads = {
  start(entry, handlers) {
    // A small young generation: these threads keep nothing but buffers, and the engine's memory is counted.
    const worker = new Worker(entry, { resourceLimits: { maxYoungGenerationSizeMb: 4 } });
    let stopping = false;
    worker.on("message", handlers.onMessage);
    worker.on("error", (error) => {
      if (!stopping) handlers.onDeath(error);
    });
    return {
      post: (message) => worker.postMessage(message),
      stop: () =>
        new Promise((resolve) => {
          stopping = true;
          worker.once("exit", () => resolve());
          worker.postMessage(STOP);
        }),
    };
  },
};

/** The port of the thread that calls this; only in a module that `Threads.start` runs. */
export function ownThreadPort(): ThreadPort {
  const port = present(parentPort, "the port of a worker thread");
  return {
    post: (message) => port.postMessage(message),
    onMessage: (handler) =>
      port.on("message", (message: unknown) => {
        if (message === STOP) port.close();
        else handler(message);
      }),
  };
}
