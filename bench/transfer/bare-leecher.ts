// The least a Node process can do to receive, hash and write: one reused read buffer, a ring of shared pieces, a worker
// that hashes and writes. Over TLS, where Node has no reused buffer, the records as they come.

import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { Worker } from "node:worker_threads";

const [path = "", host = "", port = "", total = "", piece = "", hash = "", channel = "plain"] = process.argv.slice(2);
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

function take(buffer: Buffer, count: number): void {
  let from = 0;
  while (from < count) {
    const inPiece = received % pieceBytes;
    const slot = Math.floor(received / pieceBytes) % SLOTS;
    const part = Math.min(count - from, pieceBytes - inPiece);
    buffer.copy(ring, slot * pieceBytes + inPiece, from, from + part);
    received += part;
    from += part;
    if (received % pieceBytes === 0 || received === totalBytes) worker.postMessage({ slot, index: posted++ });
  }
  if (posted - written >= SLOTS - 1) socket.pause();
}

function plain(): Socket {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const callback = (count: number) => {
    take(buffer, count);
    return true;
  };
  return connect({ host, port: Number(port), onread: { buffer, callback } }, () => socket.write("go"));
}

function secure(): Socket {
  // Which cipher is the least that TLS costs; whom one talks to is not the question here.
  const options = { host, port: Number(port), rejectUnauthorized: false, ciphers: "TLS_AES_128_GCM_SHA256" };
  return connectTls(options, () => socket.write("go")).on("data", (bytes: Buffer) => take(bytes, bytes.length));
}

const socket = channel === "tls" ? secure() : plain();
worker.on("message", () => {
  written++;
  if (socket.isPaused()) socket.resume();
  if (written * pieceBytes >= totalBytes) {
    console.log(`done ${((performance.now() - startedAt) / 1000).toFixed(3)}`);
  }
});
process.stdin.resume().on("end", () => process.exit(0));
