// The entry point of a disk thread.

import { realDisk } from "../../world/real/disk.ts";
import { realEntropy } from "../../world/real/entropy.ts";
import { ownThreadPort } from "../../world/real/threads.ts";
import type { StoreJob, StoreReply } from "./job.ts";
import { Stores } from "./stores.ts";

const port = ownThreadPort();
const stores = new Stores(realDisk, realEntropy);

port.onMessage((message) => {
  // Only DiskThreads posts here.
  const jobs = message as readonly StoreJob[];
  for (const job of jobs) {
    const reply: StoreReply | undefined = stores.run(job);
    if (reply !== undefined) port.post(reply);
  }
});
