// The least a Node process can do to receive, hash and write: one reused read buffer, a ring of shared pieces, a worker
// that hashes and writes. By TCP, by TLS, or by datagrams of uTP's size with one acknowledgement for several (the link
// loses nothing and keeps the order).

import { createSocket } from "node:dgram";
import { connect, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { Worker } from "node:worker_threads";
import { ACKNOWLEDGED_TOGETHER, BUFFER_BYTES, HEADER_BYTES, SEQUENCE_AT } from "./bare-datagram.ts";

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

function take(buffer: Buffer, begin: number, end: number): void {
  let from = begin;
  while (from < end) {
    const inPiece = received % pieceBytes;
    const slot = Math.floor(received / pieceBytes) % SLOTS;
    const part = Math.min(end - from, pieceBytes - inPiece);
    buffer.copy(ring, slot * pieceBytes + inPiece, from, from + part);
    received += part;
    from += part;
    if (received % pieceBytes === 0 || received === totalBytes) worker.postMessage({ slot, index: posted++ });
  }
}

const isFull = () => posted - written >= SLOTS - 1;

const onread: OnReadOpts = {
  buffer: Buffer.allocUnsafeSlow(READ_BYTES),
  callback(count, buffer) {
    take(Buffer.from(buffer.buffer, buffer.byteOffset, count), 0, count);
    return !isFull();
  },
};

/** Each begins, and returns what goes on once there is room again. */
const WAYS: Readonly<Record<string, () => () => void>> = {
  plain: () => {
    const socket = connect({ host, port: Number(port), onread }, () => socket.write("go"));
    return () => resume(socket);
  },
  tls: () => {
    // Which cipher is the least that TLS costs; whom one talks to is not the question here.
    const options = { host, port: Number(port), rejectUnauthorized: false, ciphers: "TLS_AES_128_GCM_SHA256", onread };
    const socket = connectTls(options, () => socket.write("go"));
    return () => resume(socket);
  },
  datagrams,
};

function resume(socket: Socket): void {
  if (!isFull()) socket.resume();
}

function datagrams(): () => void {
  const socket = createSocket("udp4");
  let next = 0;
  let acknowledged = -1;
  const acknowledge = () => {
    const bytes = Buffer.alloc(HEADER_BYTES);
    bytes.writeUInt32BE(next, SEQUENCE_AT);
    socket.send(bytes);
    acknowledged = next;
  };
  socket.on("message", (bytes) => {
    if (bytes.readUInt32BE(SEQUENCE_AT) !== next) throw new Error("a datagram was lost: this loop repeats none");
    next++;
    take(bytes, HEADER_BYTES, bytes.length);
    if (next - acknowledged >= ACKNOWLEDGED_TOGETHER && !isFull()) acknowledge();
  });
  socket.bind(0, () => {
    socket.setSendBufferSize(BUFFER_BYTES);
    socket.setRecvBufferSize(BUFFER_BYTES);
    socket.connect(Number(port), host, acknowledge);
  });
  return () => {
    if (next - acknowledged >= ACKNOWLEDGED_TOGETHER) acknowledge();
  };
}

const proceed = WAYS[channel]?.();
worker.on("message", () => {
  written++;
  proceed?.();
  if (written * pieceBytes >= totalBytes) {
    console.log(`done ${((performance.now() - startedAt) / 1000).toFixed(3)}`);
  }
});
process.stdin.resume().on("end", () => process.exit(0));
