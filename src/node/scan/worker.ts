// The scanning worker: everything that touches hostile bytes runs in this thread, so that it can be killed (H128).

import { createHash } from "node:crypto";
import { parentPort, threadId, workerData } from "node:worker_threads";
import { present } from "../../base/assert.ts";
import { OpenFile } from "./identity.ts";
import { Inspector } from "./inspector.ts";
import type { Job, JobReport, WorkerSetup } from "./job.ts";
import { sameFile } from "./job.ts";
import { Rules } from "./rules.ts";
import { chunksOf, FileSource } from "./source.ts";

const port = present(parentPort, "the parent's port");
const setup = workerData as WorkerSetup;
const rules = new Rules(setup.rulesText);
let spooled = 0;

port.on("message", (job: Job) => {
  void run(job).then((report) => port.postMessage(report));
});

async function run(job: Job): Promise<JobReport> {
  try {
    return await (job.kind === "digest" ? digest(job) : inspect(job));
  } catch (thrown) {
    return { id: job.id, kind: "failed", why: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

async function digest(job: Job): Promise<JobReport> {
  using file = new OpenFile(job.path);
  const identity = file.identity();
  const hash = createHash("sha256");
  for (const chunk of chunksOf(new FileSource(file.fd, identity.bytes))) {
    hash.update(chunk);
    progress(job);
  }
  if (!sameFile(identity, file.identity())) throw new Error("The file changed while it was read.");
  return { id: job.id, kind: "digested", sha256: hash.digest("hex"), identity };
}

async function inspect(job: Job): Promise<JobReport> {
  using file = new OpenFile(job.path);
  const identity = file.identity();
  const inspector = new Inspector({
    limits: setup.limits,
    rules,
    spoolFolder: setup.spoolFolder,
    spoolName: () => `spool-${process.pid}-${threadId}-${(spooled += 1)}`,
    onProgress: () => progress(job),
  });
  const findings = await inspector.inspect(new FileSource(file.fd, identity.bytes), job.name);
  if (!sameFile(identity, file.identity())) throw new Error("The file changed while it was scanned.");
  return { id: job.id, kind: "inspected", findings, identity, worn: rules.worn };
}

function progress(job: Job): void {
  port.postMessage({ id: job.id, kind: "progress" } satisfies JobReport);
}
