// The least a Node process can do to send a file by datagrams of uTP's size: a connected socket, which looks no address up
// for each, header and payload in one call without a copy, no callback, and as many under way as the peer's buffer holds.

import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { BUFFER_BYTES, HEADER_BYTES, PAYLOAD_BYTES, SEQUENCE_AT, WINDOW } from "./bare-datagram.ts";

const [path = "", host = "", port = ""] = process.argv.slice(2);
const content = readFileSync(path);
const count = Math.ceil(content.length / PAYLOAD_BYTES);
const socket = createSocket("udp4");
let next = 0;
let acknowledged = 0;
let isPumping = false;

function pump(): void {
  isPumping = false;
  while (next < count && next - acknowledged < WINDOW) {
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header.writeUInt32BE(next, SEQUENCE_AT);
    socket.send([header, content.subarray(next * PAYLOAD_BYTES, (next + 1) * PAYLOAD_BYTES)]);
    next++;
  }
}

socket.once("message", (_bytes, from) => {
  socket.connect(from.port, from.address, pump);
  socket.on("message", (bytes) => {
    acknowledged = Math.max(acknowledged, bytes.readUInt32BE(SEQUENCE_AT));
    if (isPumping) return;
    isPumping = true;
    setImmediate(pump);
  });
});
socket.bind(Number(port), host, () => {
  socket.setSendBufferSize(BUFFER_BYTES);
  socket.setRecvBufferSize(BUFFER_BYTES);
  console.log("ready");
});
process.stdin.resume().on("end", () => process.exit(0));
