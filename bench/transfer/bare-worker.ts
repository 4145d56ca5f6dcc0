// The worker of the bare loop: hashes a piece where it lies and writes it.

import { hash } from "node:crypto";
import { openSync, writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

const { memory, path, pieceBytes, hash: algorithm } = workerData;
const ring = Buffer.from(memory);
const file = openSync(path, "w");
parentPort?.on("message", ({ slot, index }) => {
  const bytes = ring.subarray(slot * pieceBytes, (slot + 1) * pieceBytes);
  hash(algorithm, bytes, "buffer");
  writeSync(file, bytes, 0, pieceBytes, index * pieceBytes);
  parentPort?.postMessage(index);
});
