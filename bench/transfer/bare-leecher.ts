// The least a Node process can do to receive, hash and write: one reused read buffer, a ring of shared pieces, a worker
// that hashes and writes.

import { connect } from "node:net";
import { Worker } from "node:worker_threads";

const [path = "", host = "", port = "", total = "", piece = "", hash = ""] = process.argv.slice(2);
const totalBytes = Number(total);
const pieceBytes = Number(piece);
const SLOTS = 32;
const READ_BYTES = 256 * 1024;

const memory = new SharedArrayBuffer(SLOTS * pieceBytes);
const ring = Buffer.from(memory);
const worker = new Worker(new URL("./bare-worker.ts", import.meta.url), {
  workerData: { memory, path, pieceBytes, hash },
});
let received = 0;
let written = 0;
let posted = 0;
const startedAt = performance.now();

const socket = connect({
  host,
  port: Number(port),
  onread: {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(count, buffer) {
      let from = 0;
      while (from < count) {
        const inPiece = received % pieceBytes;
        const slot = Math.floor(received / pieceBytes) % SLOTS;
        const part = Math.min(count - from, pieceBytes - inPiece);
        (buffer as Buffer).copy(ring, slot * pieceBytes + inPiece, from, from + part);
        received += part;
        from += part;
        if (received % pieceBytes === 0 || received === totalBytes) worker.postMessage({ slot, index: posted++ });
      }
      if (posted - written < SLOTS - 1) return true;
      socket.pause();
      return true;
    },
  },
});
socket.on("connect", () => socket.write("go"));
worker.on("message", () => {
  written++;
  if (socket.isPaused()) socket.resume();
  if (written * pieceBytes >= totalBytes) {
    console.log(`done ${((performance.now() - startedAt) / 1000).toFixed(3)}`);
  }
});
process.stdin.resume().on("end", () => process.exit(0));
