// The least a Node process can do to send a file: read 256 KiB, write it to the socket, again. With a certificate and its
// key, the same over TLS.

import { openSync, readFileSync, readSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

const [path = "", host = "", port = "", certificate, key = ""] = process.argv.slice(2);
const CHUNK_BYTES = 256 * 1024;
const BUFFERS = 4;

const serve = (socket: Socket): void => {
  const file = openSync(path, "r");
  const buffers = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafeSlow(CHUNK_BYTES));
  let at = 0;
  const send = (buffer: Buffer): void => {
    const count = readSync(file, buffer, 0, CHUNK_BYTES, at);
    at += count;
    if (count === 0) socket.end();
    else socket.write(buffer.subarray(0, count), () => send(buffer));
  };
  socket.once("data", () => {
    for (const buffer of buffers) send(buffer);
  });
  socket.on("error", () => undefined);
};
const server =
  certificate === undefined
    ? createServer(serve)
    : createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key), minVersion: "TLSv1.3" }, serve);
server.listen(Number(port), host, () => console.log("ready"));
process.stdin.resume().on("end", () => process.exit(0));
