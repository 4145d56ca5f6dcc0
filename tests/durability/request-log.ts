// Runs on a lab host in front of a real seeder: passes the peer wire through and tells which pieces were asked for.
// It is a tracker too, that knows one peer: itself. node request-log.ts OWN_HOST SEEDER_HOST SEEDER_PORT
// On stdout: "ready", then one JSON line a request: {"piece":N}.

import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Socket } from "node:net";

const PEER_PORT = 6900;
export const TRACKER_PORT = 6901;

const HANDSHAKE_BYTES = 68;
const REQUEST_ID = 6;
const REQUEST_BYTES = 13;
const ANNOUNCE_INTERVAL_SECONDS = 1;

/** Reads what the leecher sends: the handshake, then frames with their length in front (BEP 3). */
class RequestReader {
  #held: Buffer = Buffer.alloc(0);
  #handshakeLeft = HANDSHAKE_BYTES;

  pieces(chunk: Buffer): number[] {
    const skipped = Math.min(this.#handshakeLeft, chunk.length);
    this.#handshakeLeft -= skipped;
    this.#held = Buffer.concat([this.#held, chunk.subarray(skipped)]);
    const pieces: number[] = [];
    while (this.#held.length >= 4 && this.#held.length >= 4 + this.#held.readUInt32BE(0)) {
      const bytes = this.#held.readUInt32BE(0);
      if (bytes === REQUEST_BYTES && this.#held[4] === REQUEST_ID) pieces.push(this.#held.readUInt32BE(5));
      this.#held = this.#held.subarray(4 + bytes);
    }
    return pieces;
  }
}

function passThrough(leecher: Socket, seederHost: string, seederPort: number): void {
  const seeder = connect(seederPort, seederHost);
  const reader = new RequestReader();
  leecher.on("data", (chunk: Buffer) => {
    for (const piece of reader.pieces(chunk)) process.stdout.write(`${JSON.stringify({ piece })}\n`);
    seeder.write(chunk);
  });
  seeder.pipe(leecher);
  const endBoth = (): void => {
    leecher.destroy();
    seeder.destroy();
  };
  for (const socket of [leecher, seeder]) socket.on("error", endBoth).on("close", endBoth);
}

/** A compact answer (BEP 23) that names one peer. */
function announceAnswer(ownHost: string): Buffer {
  const peer = Buffer.from([...ownHost.split(".").map(Number), PEER_PORT >> 8, PEER_PORT & 255]);
  return Buffer.concat([Buffer.from(`d8:intervali${ANNOUNCE_INTERVAL_SECONDS}e5:peers6:`), peer, Buffer.from("e")]);
}

if (import.meta.main) {
  const [ownHost = "", seederHost = "", seederPort = ""] = process.argv.slice(2);
  createHttpServer((_, response) => response.end(announceAnswer(ownHost))).listen(TRACKER_PORT);
  createServer((leecher) => passThrough(leecher, seederHost, Number(seederPort))).listen(PEER_PORT, () =>
    process.stdout.write("ready\n"),
  );
}
